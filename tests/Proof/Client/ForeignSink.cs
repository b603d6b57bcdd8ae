using System.Net;
using System.Net.Sockets;
using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Client;

/// <summary>A mail as a program of somebody else's read it: for whom, and its octets, one a letter.</summary>
internal sealed record ForeignMail(string Recipients, string Content);

/// <summary>Other people's programs that take mail, each with a parser of its own.</summary>
internal abstract class ForeignSink : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relayproxy-sink-").FullName;
    private ChildProcess? _process;

    public EndPoint EndPoint => new UnixDomainSocketEndPoint(Path.Combine(_folder, "smtp"));

    protected string Dump => Path.Combine(_folder, "dump");

    public static async Task<ForeignSink> StartAsync(string name)
    {
        ForeignSink sink = name == "aiosmtpd" ? new Aiosmtpd() : new SmtpSink();

        // smtp-sink gives up root before it writes.
        const UnixFileMode everybodys = (UnixFileMode)0b111_111_111;
        File.SetUnixFileMode(sink._folder, everybodys);
        sink._process = sink.Start(((UnixDomainSocketEndPoint)sink.EndPoint).ToString());
        try
        {
            await sink.GreetedAsync();
            return sink;
        }
        catch
        {
            await sink.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every mail that has come, in any order.</summary>
    public abstract IEnumerable<ForeignMail> Mails();

    public async ValueTask DisposeAsync()
    {
        await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_folder, recursive: true);
    }

    protected abstract ChildProcess Start(string socket);

    /// <summary>Waits until it answers.</summary>
    private async Task GreetedAsync()
    {
        using var safety = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Assert.False(_process!.HasExited, $"./test.sh installs python3-aiosmtpd and postfix as root. {_process.Output}");
            try
            {
                await using RawClient client = await RawClient.ConnectAsync(EndPoint);
                return;
            }
            catch (SocketException) when (!safety.IsCancellationRequested)
            {
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    /// <summary>Python's. One line of hexadecimal for each mail.</summary>
    private sealed class Aiosmtpd : ForeignSink
    {
        private const string Program = """
            import asyncio, sys
            from aiosmtpd.smtp import SMTP
            dump = open(sys.argv[2], 'w')
            class Handler:
                async def handle_DATA(self, server, session, envelope):
                    dump.write(','.join(envelope.rcpt_tos) + ' ' + envelope.original_content.hex() + '\n')
                    dump.flush()
                    return '250 2.0.0 Ok'
            async def main():
                server = await asyncio.get_running_loop().create_unix_server(
                    lambda: SMTP(Handler(), hostname='aiosmtpd.test', enable_SMTPUTF8=True), sys.argv[1])
                await server.serve_forever()
            asyncio.run(main())
            """;

        public override IEnumerable<ForeignMail> Mails() => File.ReadLines(Dump).Select(line => line.Split(' ')).Select(
            words => new ForeignMail(words[0], Encoding.Latin1.GetString(Convert.FromHexString(words[1]))));

        protected override ChildProcess Start(string socket) => ChildProcess.Start("/usr/bin/python3", ["-c", Program, socket, Dump]);
    }

    /// <summary>Postfix's. A file of all mails, whose line ends have become LF, behind fields of its own.</summary>
    private sealed class SmtpSink : ForeignSink
    {
        private const string First = "X-Client-Addr: ";
        private const string Recipients = "X-Rcpt-Args: ";

        public override IEnumerable<ForeignMail> Mails()
        {
            string fields = "", content = "";
            bool isContent = false;
            foreach (string line in File.ReadLines(Dump, Encoding.Latin1).Append(First))
            {
                if (line.StartsWith(First, StringComparison.Ordinal))
                {
                    if (fields.Length > 0)
                    {
                        // An empty line is added behind each.
                        yield return new ForeignMail(fields, content[..^2]);
                    }

                    (fields, content, isContent) = ("", "", false);
                }
                else if (line.StartsWith(Recipients, StringComparison.Ordinal) && !isContent)
                {
                    fields += line[Recipients.Length..].Trim('<', '>');
                }
                else
                {
                    isContent = isContent || line.StartsWith("Received: ", StringComparison.Ordinal);
                    content += isContent ? line + "\r\n" : "";
                }
            }
        }

        protected override ChildProcess Start(string socket) => ChildProcess.Start(
            "/usr/sbin/smtp-sink", [.. Environment.IsPrivilegedProcess ? ["-u", "nobody"] : Array.Empty<string>(), "-D", Dump, $"unix:{socket}", "64"]);
    }
}
