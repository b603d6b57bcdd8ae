namespace RelayProxy.Commands;

/// <summary>Asks whoever sits at the terminal.</summary>
internal static class Question
{
    /// <returns><c>null</c> if nobody does.</returns>
    public static bool? Ask(string question)
    {
        if (Console.IsInputRedirected)
        {
            return null;
        }

        Console.Error.Write($"{question} [y/N] ");
        return Console.In.ReadLine() is ['y' or 'Y', ..];
    }
}
