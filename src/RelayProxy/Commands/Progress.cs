namespace RelayProxy.Commands;

/// <summary>For who waits at a terminal: a line that says how far a long command has come, now and then, and is gone at the end.</summary>
internal sealed class Progress(CommandContext context)
{
    /// <summary>Back to the line's first column, and the rest of it wiped.</summary>
    private const string Wipe = "\r\e[K";

    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(500);
    private long _shownAt = context.Clock.GetTimestamp();
    private bool _isShown;

    public void Show(string text)
    {
        if (context.IsTerminal && context.Clock.GetElapsedTime(_shownAt) >= s_every)
        {
            context.Output.Write(Wipe + text);
            _shownAt = context.Clock.GetTimestamp();
            _isShown = true;
        }
    }

    public void Clear()
    {
        if (_isShown)
        {
            context.Output.Write(Wipe);
            _isShown = false;
        }
    }
}
