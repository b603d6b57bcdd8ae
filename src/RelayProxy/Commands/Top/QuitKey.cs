namespace RelayProxy.Commands.Top;

/// <summary>Waits for somebody to press q.</summary>
internal static class QuitKey
{
    private const char Escape = '\e';

    /// <param name="quit">Cancelled when it is pressed. It may be disposed of before.</param>
    public static void Watch(CommandContext context, CancellationTokenSource quit)
    {
        // Reading a key cannot be cancelled: the thread ends with the process.
        new Thread(() => Read(context.ReadKey, quit)) { IsBackground = true, Name = "keys" }.Start();
    }

    private static void Read(Func<char?> readKey, CancellationTokenSource quit)
    {
        while (readKey() is { } key)
        {
            if (key is 'q' or 'Q' or Escape)
            {
                try
                {
                    quit.Cancel();
                }
                catch (ObjectDisposedException)
                {
                    // It has ended already.
                }

                return;
            }
        }
    }
}
