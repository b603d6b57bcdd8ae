using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands;

/// <summary>Everything that commands write as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VersionFacts))]
[JsonSerializable(typeof(SettingFacts))]
[JsonSerializable(typeof(MessageFacts))]
[JsonSerializable(typeof(HistoryFacts))]
[JsonSerializable(typeof(ChangeFacts))]
[JsonSerializable(typeof(ConnectionFacts))]
[JsonSerializable(typeof(DrainFacts))]
[JsonSerializable(typeof(TopFacts))]
[JsonSerializable(typeof(HealthFacts))]
[JsonSerializable(typeof(RewriteFacts))]
[JsonSerializable(typeof(AliasProblemFacts))]
[JsonSerializable(typeof(AliasLookupFacts))]
internal sealed partial class CommandJson : JsonSerializerContext
{
    /// <summary>Writes <c>&lt;</c> and umlauts as themselves: it goes to a terminal or a program, not into a web page.</summary>
    public static CommandJson Plain => s_plain.Value;

    /// <summary>Made when first asked for: the generated part's own fields are there by then.</summary>
    private static readonly Lazy<CommandJson> s_plain = new(static () =>
        new CommandJson(new JsonSerializerOptions(Default!.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
}

internal sealed record VersionFacts(string Version, string Runtime, string Platform);

/// <summary><c>config show --json</c>. Secrets are masked.</summary>
internal sealed record SettingFacts(string Key, string? Value, IReadOnlyList<string>? Values, string Source);

/// <summary><c>queue list|show --json</c>.</summary>
internal sealed record MessageFacts
{
    public required string Id { get; init; }

    /// <summary><c>waiting</c>, <c>deferred</c>, <c>delivering</c>, <c>held</c>, <c>parked</c>: of the recipients, the one that wants most attention.</summary>
    public required string State { get; init; }

    public required string Sender { get; init; }

    public required long Octets { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string Origin { get; init; }

    public required string MessageId { get; init; }

    public required IReadOnlyList<RecipientFacts> Recipients { get; init; }

    /// <summary>Only with <c>show</c>: the header section, its lines joined by LF.</summary>
    public string? Header { get; init; }
}

internal sealed record RecipientFacts
{
    public required string Address { get; init; }

    public required string State { get; init; }

    public required int Attempts { get; init; }

    /// <summary>Only of those who live on this machine: what <c>queue show</c> says of it.</summary>
    public string? Local { get; init; }

    /// <summary>Only of those that wait.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    public string? LastReply { get; init; }

    public bool MayHaveBeenDelivered { get; init; }
}

/// <summary><c>trace --json</c>: what happened to one recipient at one time.</summary>
internal sealed record HistoryFacts(
    string Id, DateTimeOffset At, string Sender, string Recipient, string Outcome, string Stage, string Smarthost, string Tls, double DelaySeconds, string Reply);

/// <summary><c>queue retry|hold|release|delete --json</c>.</summary>
internal sealed record ChangeFacts(string Action, int Messages);

/// <summary><c>top --json</c>.</summary>
internal sealed record TopFacts
{
    public required DateTimeOffset At { get; init; }

    public required long Messages { get; init; }

    public required long Octets { get; init; }

    /// <summary>Recipients; likewise:</summary>
    public required long Waiting { get; init; }

    public required long Delivering { get; init; }

    public required long Held { get; init; }

    public required long Parked { get; init; }

    public DateTimeOffset? OldestWaitingSince { get; init; }

    public required int DeliveredLastMinute { get; init; }

    public required int DeferredLastMinute { get; init; }

    public required int BouncedLastMinute { get; init; }

    /// <summary>How it is, in words.</summary>
    public required string Relay { get; init; }

    public DateTimeOffset? SmarthostTookMailAt { get; init; }

    public DateTimeOffset? SmarthostTroubleAt { get; init; }

    public string? SmarthostTrouble { get; init; }
}

/// <summary><c>drain --json</c>: messages that are left, and how many of their recipients nobody was going to try.</summary>
internal sealed record DrainFacts(long Undelivered, long Held, long Parked, DateTimeOffset? OldestReceivedAt);

/// <summary><c>check --connect --json</c>.</summary>
internal sealed record ConnectionFacts
{
    public required string Smarthost { get; init; }

    public required bool Ok { get; init; }

    public IReadOnlyList<string>? Addresses { get; init; }

    public string? Address { get; init; }

    public string? Tls { get; init; }

    public string? Cipher { get; init; }

    public string? CertificateSubject { get; init; }

    public string? CertificateIssuer { get; init; }

    public DateTimeOffset? CertificateExpires { get; init; }

    public string? SpkiSha256 { get; init; }

    public string? Greeting { get; init; }

    public IReadOnlyList<string>? Capabilities { get; init; }

    public long? MaxMessageOctets { get; init; }

    public IReadOnlyList<string>? Mechanisms { get; init; }

    public string? LoggedInWith { get; init; }

    /// <summary>How far it came, where it failed.</summary>
    public string? FailedAt { get; init; }

    public string? Reply { get; init; }
}

/// <summary><c>health --json</c>.</summary>
/// <param name="Listener"><c>ok</c>, or what is wrong; the others likewise, <c>unknown</c> where nobody could be asked.</param>
internal sealed record HealthFacts(bool Healthy, string Listener, string Delivery, string Queue, string Disk, string Smarthost)
{
    public static HealthFacts Of(HealthReport report)
    {
        return new HealthFacts(report.IsWell, Said("listener"), Said("delivery"), Said("queue"), Said("disk"), Said("smarthost"));

        string Said(string name) => report.Findings.FirstOrDefault(finding => finding.Name == name) is { } finding
            ? finding.Trouble ?? HealthFinding.Well
            : "unknown";
    }
}

/// <summary><c>rewrite test --json</c>: one line of the envelope, or one field of the header.</summary>
/// <param name="Part"><c>MAIL FROM</c>, <c>RCPT TO</c>, or the field's name.</param>
/// <param name="Before">Missing: it is added. Lines are joined by LF.</param>
/// <param name="After">As it would leave; for a recipient that is refused, the reply.</param>
/// <param name="Settings">What changes it, or would.</param>
/// <param name="IsKept">It would be changed if no DKIM signature covered it.</param>
internal sealed record RewriteFacts(
    string Part, string? Before, string After, IReadOnlyList<string> Settings, bool IsKept = false, [property: JsonIgnore] bool IsHeader = false);

/// <summary><c>aliases check --json</c>.</summary>
internal sealed record AliasProblemFacts(string File, int Line, int Column, bool Warning, string Problem);

/// <summary><c>aliases lookup --json</c>.</summary>
internal sealed record AliasLookupFacts
{
    public required string Name { get; init; }

    /// <summary>What would be said at RCPT; absent: it would be accepted.</summary>
    public string? Refused { get; init; }

    /// <summary>Where the mail would go: addresses, <c>mailbox of root</c>, paths, <c>|command</c>.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    public AliasStepFacts? Way { get; init; }
}

/// <summary>One name or destination on the way.</summary>
internal sealed record AliasStepFacts
{
    public required string What { get; init; }

    /// <summary>Where it was written.</summary>
    public string? At { get; init; }

    /// <summary>Where its own alias stands, if it is one.</summary>
    public string? AliasAt { get; init; }

    public string? Recipient { get; init; }

    public string? Refused { get; init; }

    public IReadOnlyList<string>? Notes { get; init; }

    public IReadOnlyList<AliasStepFacts>? Steps { get; init; }
}
