using System.Globalization;

namespace RelayProxy.Commands.Demo;

/// <summary>
/// <c>relayproxy demo-smarthost</c>: the stand-in smarthost by itself, for the container set-up and for measuring. Says where it listens, writes
/// its authority's certificate where the relay can read it, and tells one line for each message until it is ended.
/// </summary>
internal sealed class DemoSmarthostCommand(DemoScreen screen, TimeProvider clock)
{
    /// <param name="authorityFile">Gets the authority's certificate, for <c>Smarthost:CaFile</c>; empty for nowhere.</param>
    /// <param name="quiet">Tell the total at the end and nothing on the way.</param>
    /// <returns>The exit status.</returns>
    public async Task<int> RunAsync(DemoSmarthostOptions options, string authorityFile, bool quiet, CancellationToken cancellationToken)
    {
        await using var smarthost = new DemoSmarthost(options, clock, arrival =>
        {
            if (!quiet)
            {
                screen.LogLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"demo-{arrival.Number}: from <{arrival.Sender}> to <{string.Join(">, <", arrival.Recipients)}>, {arrival.Octets:N0} octets"));
            }
        });
        smarthost.Start();
        if (authorityFile.Length > 0)
        {
            // Under its name only when it is whole: the relay may be waiting for it.
            await File.WriteAllTextAsync(authorityFile + ".new", smarthost.AuthorityPem, CancellationToken.None);
            File.Move(authorityFile + ".new", authorityFile, overwrite: true);
        }

        screen.Line($"The stand-in smarthost is ready on {smarthost.EndPoint}, TLS from the first octet, {options.Login?.Username ?? "any user"} may log in.");
        var ended = new TaskCompletionSource();
        using (cancellationToken.Register(ended.SetResult))
        {
            await ended.Task;
        }

        screen.Line(string.Create(CultureInfo.InvariantCulture, $"{smarthost.Messages:N0} messages, {smarthost.Octets:N0} octets."));
        return 0;
    }
}
