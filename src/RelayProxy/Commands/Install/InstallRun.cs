namespace RelayProxy.Commands.Install;

/// <summary>Carries out a plan, and undoes what was carried out, one step after the other, each written down before it is done and told when it
/// is.</summary>
internal sealed class InstallRun(InstallSite site, InstallManifest manifest, Action<string> say)
{
    /// <summary>The steps of a plan that would change something.</summary>
    public List<InstallStep> Open(IReadOnlyList<InstallStep> plan)
    {
        bool changes = !manifest.IsFinished || plan.Any(step => step is not CommandStep && StateOf(step) != StepState.Done);
        return [.. plan.Where(step => step is CommandStep ? changes && (step.Words is not null || !manifest.Has(step)) : StateOf(step) != StepState.Done)];
    }

    /// <exception cref="InstallException">A step cannot be done. Those before it are, and are written down.</exception>
    public void Do(IReadOnlyList<InstallStep> plan)
    {
        foreach (InstallStep step in Open(plan))
        {
            if (StateOf(step) == StepState.InTheWay)
            {
                throw new InstallException($"{site[step.Key]} is there already, and is none of RelayProxy's; move it away, and try again");
            }

            manifest.Record(step);
            if (step.Words is not null)
            {
                say(step.Words);
                step.Do(site);
            }
        }

        manifest.Finish();
    }

    /// <summary>Undoes all that was done, but for what has to stay, backwards.</summary>
    /// <param name="isTrial">Only say what would be done.</param>
    /// <returns>What stays, and why.</returns>
    /// <exception cref="InstallException">A step cannot be undone. Those after it are, and those before it are still written down.</exception>
    public IReadOnlyList<(InstallStep Step, string Why)> Undo(bool purge, bool isTrial)
    {
        var removal = new Removal(purge);
        var stays = new List<(InstallStep, string)>();
        removal.Ahead.AddRange(manifest.Steps);
        while (removal.Ahead.Count > 0)
        {
            InstallStep step = removal.Ahead[^1];
            removal.Ahead.RemoveAt(removal.Ahead.Count - 1);
            bool isThere = step.IsThere(site);
            if (isThere && step.WhyItStays(site, removal) is { } why)
            {
                removal.Kept.Add(step);
                stays.Add((step, why));
                continue;
            }

            removal.Gone.Add(step.Key);
            if (isThere)
            {
                say(step.UndoWords);
            }

            if (!isTrial)
            {
                if (isThere)
                {
                    step.Undo(site);
                }

                manifest.Forget(step);
            }
        }

        return stays;
    }

    private StepState StateOf(InstallStep step) => step.Look(site, manifest.Has(step));
}
