namespace RelayProxy.Telemetry;

/// <summary>How one part of the relay is.</summary>
/// <param name="Name">One word: <c>queue</c>.</param>
/// <param name="Trouble">What is wrong with it, in words; <c>null</c> if nothing is.</param>
/// <param name="Counts">Whether its trouble makes the whole unwell; if not, it is only told.</param>
internal sealed record HealthFinding(string Name, string? Trouble, bool Counts = true)
{
    public const string Well = "ok";

    /// <summary><c>queue: ok</c>.</summary>
    public override string ToString() => $"{Name}: {Trouble ?? Well}";
}

/// <summary>How the relay is.</summary>
internal sealed record HealthReport(IReadOnlyList<HealthFinding> Findings)
{
    public bool IsWell => Findings.All(finding => finding.Trouble is null || !finding.Counts);

    /// <summary>A line for each finding, with LF between them.</summary>
    public override string ToString() => string.Join('\n', Findings);
}
