using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Configuration;
using RelayProxy.Delivery.Local;
using RelayProxy.Mail;
using RelayProxy.Rewrite.Aliases;
using RelayProxy.Upstream;

namespace RelayProxy.Commands;

/// <summary><c>check</c>: is everything right? With <c>--connect</c> the smarthost is asked too, as far as a login; no mail is sent.</summary>
internal static class CheckCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var connect = new Option<bool>("--connect") { Description = "Also look up, connect to and log in at the smarthost." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("check", "Check the configuration, and the way to the smarthost.") { connect, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RelayConfiguration configuration = context.ReadConfiguration(parsed.GetValue(CommonOptions.Config)).RequireGood();
            if (!parsed.GetValue(json))
            {
                string where = configuration.Files.Count > 0 ? string.Join(", ", configuration.Files) : "no file";
                Line(context, "settings", $"good ({where}; relayproxy config show tells each)");
            }

            ProblemList.WriteWarnings(configuration.Warnings, context);
            TellAliases(context, configuration.Options.Rewrite.AliasFile);
            bool hasRights = TellLocalMail(context, configuration.Options, parsed.GetValue(json));

            return parsed.GetValue(connect)
                ? await ConnectAsync(context, configuration.Options, parsed.GetValue(json), cancellationToken)
                : hasRights ? ExitCode.Ok : ExitCode.NoPermission;
        });
        return new DescribedCommand(
            command,
            "relayproxy check                            before a restart",
            "relayproxy check --connect                  certificate, limits, mechanisms, and whether the login works",
            "relayproxy check --connect --Smarthost:Port=587 --Smarthost:Tls=StartTls");
    }

    /// <summary>Lines that cannot be read. They cost nobody else's mail, so they are no reason not to start.</summary>
    private static void TellAliases(CommandContext context, string file)
    {
        if (!Path.Exists(file))
        {
            return;
        }

        try
        {
            var aliases = AliasFile.Read(file, AliasText.Read(file));
            foreach (AliasProblem problem in aliases.Problems)
            {
                context.Complain($"relayproxy: warning: aliases: {problem}");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            context.Complain($"relayproxy: warning: aliases: {file}: {fault.Message}");
        }
    }

    /// <summary>Where mail for local users goes, and whether this process (as whoever runs it) may put it there.</summary>
    private static bool TellLocalMail(CommandContext context, RelayOptions options, bool json)
    {
        string[] missing = [.. LocalRights.Missing(options.Local, AliasRights.Of(options.Rewrite))];
        foreach (string right in missing)
        {
            context.Complain($"relayproxy check: {right}");
        }

        if (!json && missing.Length == 0 && options.Local.Delivery != LocalMailbox.None)
        {
            Line(context, "local mail", options.Local.Delivery switch
            {
                LocalMailbox.Mbox => $"goes into {options.Local.MboxFolder}",
                LocalMailbox.Maildir => $"goes into {options.Local.Maildir}",
                LocalMailbox.Lmtp => $"goes to {options.Local.Lmtp}",
                LocalMailbox.None => "stays nowhere",
            });
        }

        return missing.Length == 0;
    }

    private static async Task<int> ConnectAsync(CommandContext context, RelayOptions options, bool json, CancellationToken cancellationToken)
    {
        string[] addresses = await LookUpAsync(options.Smarthost.Host, cancellationToken);
        var connector = new SmarthostConnector(new TcpDialer(context.Clock, () => []), context.Clock, NullLogger.Instance);
        SmarthostProbe probe = await connector.ProbeAsync(options.Smarthost, cancellationToken);
        if (json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(Facts(probe, addresses), CommandJson.Plain.ConnectionFacts));
        }
        else
        {
            Tell(context, probe, addresses, options);
        }

        return probe.Failure is null ? ExitCode.Ok : CodeOf(probe.Failure.Fault);
    }

    /// <summary>Nothing where the name leads nowhere: the attempt itself then says why.</summary>
    private static async Task<string[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await Dns.GetHostAddressesAsync(SmarthostHost.Normalize(host), cancellationToken)).Select(address => address.ToString())];
        }
        catch (SocketException)
        {
            return [];
        }
    }

    private static void Tell(CommandContext context, SmarthostProbe probe, string[] addresses, RelayOptions options)
    {
        SessionFacts facts = probe.Facts;
        // An address needs no looking up.
        if (addresses.Any(address => address != options.Smarthost.Host))
        {
            Line(context, "DNS", $"{options.Smarthost.Host} is {string.Join(", ", addresses)}");
        }

        if (facts.RemoteAddress is { } address)
        {
            Line(context, "TCP", $"connected to {address}");
        }

        TellTls(context, facts);
        if (facts.Greeting.Length > 0)
        {
            Line(context, "greeting", facts.Greeting);
        }

        if (probe.Capabilities.Keywords.Any())
        {
            Line(context, "EHLO", string.Join("; ", probe.Capabilities.Keywords));
            TellLimits(context, probe.Capabilities, options.Session.MaxMessageOctets);
        }

        if (probe.Failure is { } failure)
        {
            Line(context, "FAILED", $"at {failure.Stage}: {failure.Reply}");
        }
        else
        {
            Line(context, "login", facts.Mechanism.Length > 0 ? $"works, with {facts.Mechanism}" : "none is configured");
        }
    }

    private static void TellTls(CommandContext context, SessionFacts facts)
    {
        if (facts.TlsVersion.Length == 0)
        {
            return;
        }

        Line(context, "TLS", $"{facts.TlsVersion}, {facts.CipherSuite}");
        Line(context, "certificate", facts.CertificateSubject);
        Line(context, "", $"issued by {facts.CertificateIssuer}");
        if (facts.CertificateExpires is { } expires)
        {
            Line(context, "", $"expires {TerminalText.Time(expires, context.Clock)} ({TerminalText.Relative(expires, context.Clock.GetUtcNow())})");
        }

        Line(context, "", $"pin {facts.SpkiSha256} (Smarthost:PinnedSpkiSha256)");
    }

    private static void TellLimits(CommandContext context, SmarthostCapabilities capabilities, long ours)
    {
        if (capabilities.MaxMessageOctets is not { } theirs)
        {
            Line(context, "size", "the smarthost names no limit");
        }
        else
        {
            Line(context, "size", theirs < ours
                ? $"the smarthost takes {TerminalText.Size(theirs)}; larger messages are taken here and bounced later: set Listener:MaxMessageOctets={theirs}"
                : $"the smarthost takes {TerminalText.Size(theirs)}");
        }
    }

    private static ConnectionFacts Facts(SmarthostProbe probe, string[] addresses) => new()
    {
        Smarthost = probe.Smarthost,
        Ok = probe.Failure is null,
        Addresses = addresses,
        Address = probe.Facts.RemoteAddress?.ToString(),
        Tls = NullIfEmpty(probe.Facts.TlsVersion),
        Cipher = NullIfEmpty(probe.Facts.CipherSuite),
        CertificateSubject = NullIfEmpty(probe.Facts.CertificateSubject),
        CertificateIssuer = NullIfEmpty(probe.Facts.CertificateIssuer),
        CertificateExpires = probe.Facts.CertificateExpires,
        SpkiSha256 = NullIfEmpty(probe.Facts.SpkiSha256),
        Greeting = NullIfEmpty(probe.Facts.Greeting),
        Capabilities = [.. probe.Capabilities.Keywords],
        MaxMessageOctets = probe.Capabilities.MaxMessageOctets,
        Mechanisms = probe.Capabilities.AuthMechanisms,
        LoggedInWith = NullIfEmpty(probe.Facts.Mechanism),
        FailedAt = probe.Failure?.Stage.ToString(),
        Reply = probe.Failure?.Reply.ToString(),
    };

    private static int CodeOf(SessionFault fault) => fault switch
    {
        SessionFault.Away => ExitCode.Unavailable,
        SessionFault.Untrusted => ExitCode.Protocol,
        SessionFault.AuthRefused => ExitCode.NoPermission,
        SessionFault.AuthDeferred => ExitCode.Temporary,
        SessionFault.Misconfigured => ExitCode.Configuration,
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static void Line(CommandContext context, string label, string text) => context.Say($"{label,-13}{text}");
}
