using RelayProxy.Delivery.Local;
using RelayProxy.Intake;
using RelayProxy.Rewrite;
using RelayProxy.Session;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;
using static RelayProxy.Configuration.SettingEffect;

namespace RelayProxy.Configuration;

/// <summary>
/// Every setting, one line each: its key, its bounds, its place in the options. What it means, and why its default is what it
/// is, stands in <c>config/relayproxy.json</c>; tests keep that file, its schema, the options and this table in step.
/// </summary>
internal static class Settings
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_year = TimeSpan.FromDays(365);

    public static IReadOnlyList<Setting> All { get; } =
    [
        List("Listener:Endpoints", o => o.Listener.Endpoints, (o, v) => o.Listener.Endpoints = v, Restart),
        Switch("Listener:AllowNonLoopback", o => o.Listener.AllowNonLoopback, (o, v) => o.Listener.AllowNonLoopback = v, Restart),
        List("Listener:AllowedNetworks", o => o.Listener.AllowedNetworks, (o, v) => o.Listener.AllowedNetworks = v, Restart),
        List("Listener:AllowedUsers", o => o.Listener.AllowedUsers, (o, v) => o.Listener.AllowedUsers = v),
        List("Listener:DeniedUsers", o => o.Listener.DeniedUsers, (o, v) => o.Listener.DeniedUsers = v),
        Text("Listener:UnixSocketMode", o => o.Listener.UnixSocketMode, (o, v) => o.Listener.UnixSocketMode = v, Restart),
        Text("Listener:UnixSocketGroup", o => o.Listener.UnixSocketGroup, (o, v) => o.Listener.UnixSocketGroup = v, Restart),
        Number("Listener:MaxConnections", 1, 100_000, o => o.Listener.MaxConnections, (o, v) => o.Listener.MaxConnections = v, Restart),
        Number("Listener:MaxConnectionsPerPeer", 1, 100_000,
            o => o.Listener.MaxConnectionsPerPeer, (o, v) => o.Listener.MaxConnectionsPerPeer = v, Restart),
        Switch("Listener:ExitWhenCutOff", o => o.Listener.ExitWhenCutOff, (o, v) => o.Listener.ExitWhenCutOff = v, Restart),
        Time("Listener:CommandTimeout", s_second, s_hour, o => o.Session.CommandTimeout, (o, v) => o.Session.CommandTimeout = v),
        Time("Listener:DataTimeout", s_second, s_hour, o => o.Session.DataTimeout, (o, v) => o.Session.DataTimeout = v),
        Number("Listener:MinDataOctetsPerSecond", 0, 1_000_000,
            o => o.Session.MinDataOctetsPerSecond, (o, v) => o.Session.MinDataOctetsPerSecond = v),
        Size("Listener:MaxCommandOctets", 512, 1 << 20, o => o.Session.MaxCommandOctets, (o, v) => o.Session.MaxCommandOctets = (int)v),
        Number("Listener:MaxRecipients", 1, 100_000, o => o.Session.MaxRecipients, (o, v) => o.Session.MaxRecipients = v),
        Size("Listener:MaxMessageOctets", 1, 1L << 40, o => o.Session.MaxMessageOctets, (o, v) => o.Session.MaxMessageOctets = v),
        Size("Listener:MaxOctetsInFlight", 1, 1L << 50, o => o.Session.MaxOctetsInFlight, (o, v) => o.Session.MaxOctetsInFlight = v),
        Number("Listener:MaxCommands", 10, int.MaxValue, o => o.Session.MaxCommands, (o, v) => o.Session.MaxCommands = v),
        Number("Listener:MaxErrors", 1, int.MaxValue, o => o.Session.MaxErrors, (o, v) => o.Session.MaxErrors = v),
        Number("Listener:MaxMessagesPerUserPerHour", 0, 1_000_000,
            o => o.Session.MaxMessagesPerUserPerHour, (o, v) => o.Session.MaxMessagesPerUserPerHour = v),
        OneOf<BareNewlines>("Listener:BareNewlines", o => o.Session.BareNewlines, (o, v) => o.Session.BareNewlines = v),

        List("Sendmail:TrustedUsers", o => o.Sendmail.TrustedUsers, (o, v) => o.Sendmail.TrustedUsers = v),

        Text("Intake:HostName", o => o.Intake.HostName, (o, v) => o.Intake.HostName = v),
        Number("Intake:MaxReceivedFields", 1, 10_000, o => o.Intake.MaxReceivedFields, (o, v) => o.Intake.MaxReceivedFields = v),
        Switch("Intake:RemoveBcc", o => o.Intake.RemoveBcc, (o, v) => o.Intake.RemoveBcc = v),
        Switch("Intake:RemoveTraceFields", o => o.Intake.RemoveTraceFields, (o, v) => o.Intake.RemoveTraceFields = v),
        Switch("Intake:AddDate", o => o.Intake.AddDate, (o, v) => o.Intake.AddDate = v),
        Switch("Intake:AddMessageId", o => o.Intake.AddMessageId, (o, v) => o.Intake.AddMessageId = v),
        Switch("Intake:AddFrom", o => o.Intake.AddFrom, (o, v) => o.Intake.AddFrom = v),
        Size("Intake:MaxHeaderOctets", 1024, 1 << 30, o => o.Intake.MaxHeaderOctets, (o, v) => o.Intake.MaxHeaderOctets = (int)v),
        OneOf<LongLines>("Intake:LongLines", o => o.Intake.LongLines, (o, v) => o.Intake.LongLines = v),

        Text("Rewrite:Origin", o => o.Rewrite.Origin, (o, v) => o.Rewrite.Origin = v),
        List("Rewrite:LocalDomains", o => o.Rewrite.LocalDomains, (o, v) => o.Rewrite.LocalDomains = v),
        Text("Rewrite:AliasFile", o => o.Rewrite.AliasFile, (o, v) => o.Rewrite.AliasFile = v),
        new MapSetting("Rewrite:Aliases", o => o.Rewrite.Aliases, (o, v) => o.Rewrite.Aliases = v),
        Switch("Rewrite:AllowCommands", o => o.Rewrite.AllowCommands, (o, v) => o.Rewrite.AllowCommands = v),
        Switch("Rewrite:AllowFiles", o => o.Rewrite.AllowFiles, (o, v) => o.Rewrite.AllowFiles = v),
        Switch("Rewrite:AllowCommandsInIncludes", o => o.Rewrite.AllowCommandsInIncludes, (o, v) => o.Rewrite.AllowCommandsInIncludes = v),
        Switch("Rewrite:AllowFilesInIncludes", o => o.Rewrite.AllowFilesInIncludes, (o, v) => o.Rewrite.AllowFilesInIncludes = v),
        Text("Rewrite:UnknownLocal", o => o.Rewrite.UnknownLocal, (o, v) => o.Rewrite.UnknownLocal = v),
        List("Rewrite:RecipientMap", o => o.Rewrite.RecipientMap, (o, v) => o.Rewrite.RecipientMap = v),
        Text("Rewrite:RedirectAllTo", o => o.Rewrite.RedirectAllTo, (o, v) => o.Rewrite.RedirectAllTo = v),
        Text("Rewrite:AlwaysBcc", o => o.Rewrite.AlwaysBcc, (o, v) => o.Rewrite.AlwaysBcc = v),
        Text("Rewrite:Masquerade", o => o.Rewrite.Masquerade, (o, v) => o.Rewrite.Masquerade = v),
        List("Rewrite:MasqueradeDomains", o => o.Rewrite.MasqueradeDomains, (o, v) => o.Rewrite.MasqueradeDomains = v),
        List("Rewrite:MasqueradeExceptions", o => o.Rewrite.MasqueradeExceptions, (o, v) => o.Rewrite.MasqueradeExceptions = v),
        OneOf<MasqueradeScope>("Rewrite:MasqueradeScope", o => o.Rewrite.MasqueradeScope, (o, v) => o.Rewrite.MasqueradeScope = v),
        Switch("Rewrite:MasqueradeRecipients", o => o.Rewrite.MasqueradeRecipients, (o, v) => o.Rewrite.MasqueradeRecipients = v),
        List("Rewrite:SenderMap", o => o.Rewrite.SenderMap, (o, v) => o.Rewrite.SenderMap = v),
        List("Rewrite:CanonicalMap", o => o.Rewrite.CanonicalMap, (o, v) => o.Rewrite.CanonicalMap = v),
        List("Rewrite:GenericMap", o => o.Rewrite.GenericMap, (o, v) => o.Rewrite.GenericMap = v),
        Text("Rewrite:ForceSender", o => o.Rewrite.ForceSender, (o, v) => o.Rewrite.ForceSender = v),
        List("Rewrite:AllowedSenders", o => o.Rewrite.AllowedSenders, (o, v) => o.Rewrite.AllowedSenders = v),
        OneOf<SignedMail>("Rewrite:SignedMail", o => o.Rewrite.SignedMail, (o, v) => o.Rewrite.SignedMail = v),

        Text("Queue:Path", o => o.Queue.Path, (o, v) => o.Queue.Path = v, Restart),
        Size("Queue:InlineOctets", 0, 1 << 28, o => o.Queue.InlineOctets, (o, v) => o.Queue.InlineOctets = (int)v),
        Size("Queue:MinFreeOctets", 0, 1L << 50, o => o.Queue.MinFreeOctets, (o, v) => o.Queue.MinFreeOctets = v),
        Time("Queue:DiskTimeout", s_second, TimeSpan.FromHours(1), o => o.Queue.DiskTimeout, (o, v) => o.Queue.DiskTimeout = v),
        Time("Queue:HistoryFor", TimeSpan.Zero, 10 * s_year, o => o.Queue.HistoryFor, (o, v) => o.Queue.HistoryFor = v),
        Time("Queue:GiveUpAfter", s_second, s_year, o => o.Queue.GiveUpAfter, (o, v) => o.Queue.GiveUpAfter = v),
        Time("Queue:DelayNoticeAfter", TimeSpan.Zero, s_year, o => o.Queue.DelayNoticeAfter, (o, v) => o.Queue.DelayNoticeAfter = v),
        Switch("Queue:SendWhenAsked", o => o.Queue.SendWhenAsked, (o, v) => o.Queue.SendWhenAsked = v),
        Switch("Queue:Ephemeral", o => o.Queue.Ephemeral, (o, v) => o.Queue.Ephemeral = v),

        Text("Smarthost:Host", o => o.Smarthost.Host, (o, v) => o.Smarthost.Host = v),
        Number("Smarthost:Port", 1, 65_535, o => o.Smarthost.Port, (o, v) => o.Smarthost.Port = v),
        OneOf<SmarthostTls>("Smarthost:Tls", o => o.Smarthost.Tls, (o, v) => o.Smarthost.Tls = v),
        Secret("Smarthost:Url", o => o.Smarthost.Url, (o, v) => o.Smarthost.Url = v),
        Text("Smarthost:Username", o => o.Smarthost.Username, (o, v) => o.Smarthost.Username = v),
        Secret("Smarthost:Password", o => o.Smarthost.Password, (o, v) => o.Smarthost.Password = v),
        Text("Smarthost:PasswordFile", o => o.Smarthost.PasswordFile, (o, v) => o.Smarthost.PasswordFile = v),
        Text("Smarthost:PasswordCommand", o => o.Smarthost.PasswordCommand, (o, v) => o.Smarthost.PasswordCommand = v),
        Secret("Smarthost:AccessToken", o => o.Smarthost.AccessToken, (o, v) => o.Smarthost.AccessToken = v),
        Text("Smarthost:AccessTokenFile", o => o.Smarthost.AccessTokenFile, (o, v) => o.Smarthost.AccessTokenFile = v),
        List("Smarthost:Mechanisms", o => o.Smarthost.Mechanisms, (o, v) => o.Smarthost.Mechanisms = v),
        Switch("Smarthost:AllowPlaintextAuth", o => o.Smarthost.AllowPlaintextAuth, (o, v) => o.Smarthost.AllowPlaintextAuth = v),
        Text("Smarthost:CaFile", o => o.Smarthost.CaFile, (o, v) => o.Smarthost.CaFile = v),
        List("Smarthost:PinnedSpkiSha256", o => o.Smarthost.PinnedSpkiSha256, (o, v) => o.Smarthost.PinnedSpkiSha256 = v),
        List("Smarthost:PinnedCertificateSha256",
            o => o.Smarthost.PinnedCertificateSha256, (o, v) => o.Smarthost.PinnedCertificateSha256 = v),
        Text("Smarthost:ClientCertificateFile", o => o.Smarthost.ClientCertificateFile, (o, v) => o.Smarthost.ClientCertificateFile = v),
        Text("Smarthost:ClientKeyFile", o => o.Smarthost.ClientKeyFile, (o, v) => o.Smarthost.ClientKeyFile = v),
        Text("Smarthost:HeloName", o => o.Smarthost.HeloName, (o, v) => o.Smarthost.HeloName = v),
        Text("Smarthost:Provider", o => o.Smarthost.Provider, (o, v) => o.Smarthost.Provider = v),
        Number("Smarthost:MaxConnections", 1, 1_000, o => o.Smarthost.MaxConnections, (o, v) => o.Smarthost.MaxConnections = v),
        Number("Smarthost:MaxMessagesPerConnection", 0, int.MaxValue,
            o => o.Smarthost.MaxMessagesPerConnection, (o, v) => o.Smarthost.MaxMessagesPerConnection = v),
        Time("Smarthost:IdleClose", TimeSpan.Zero, s_hour, o => o.Smarthost.IdleClose, (o, v) => o.Smarthost.IdleClose = v),
        Number("Smarthost:MaxRecipientsPerTransaction", 1, 100_000,
            o => o.Smarthost.MaxRecipientsPerTransaction, (o, v) => o.Smarthost.MaxRecipientsPerTransaction = v),
        Switch("Smarthost:UseChunking", o => o.Smarthost.UseChunking, (o, v) => o.Smarthost.UseChunking = v),
        List("Smarthost:Disable", o => o.Smarthost.Disable, (o, v) => o.Smarthost.Disable = v),
        Time("Smarthost:ConnectTimeout", s_second, s_hour, o => o.Smarthost.ConnectTimeout, (o, v) => o.Smarthost.ConnectTimeout = v),
        Time("Smarthost:TlsTimeout", s_second, s_hour, o => o.Smarthost.TlsTimeout, (o, v) => o.Smarthost.TlsTimeout = v),
        Time("Smarthost:ReplyTimeout", s_second, s_hour, o => o.Smarthost.ReplyTimeout, (o, v) => o.Smarthost.ReplyTimeout = v),
        Time("Smarthost:DataTimeout", s_second, s_hour, o => o.Smarthost.DataTimeout, (o, v) => o.Smarthost.DataTimeout = v),
        Time("Smarthost:BlockTimeout", s_second, s_hour, o => o.Smarthost.BlockTimeout, (o, v) => o.Smarthost.BlockTimeout = v),
        Time("Smarthost:EndOfDataTimeout", s_second, s_hour, o => o.Smarthost.EndOfDataTimeout, (o, v) => o.Smarthost.EndOfDataTimeout = v),

        Time("Delivery:FirstRetry", s_second, s_year, o => o.Delivery.FirstRetry, (o, v) => o.Delivery.FirstRetry = v),
        Time("Delivery:MaxRetry", s_second, s_year, o => o.Delivery.MaxRetry, (o, v) => o.Delivery.MaxRetry = v),
        Text("Delivery:PostmasterAddress", o => o.Delivery.PostmasterAddress, (o, v) => o.Delivery.PostmasterAddress = v),
        Switch("Delivery:ReturnWhole", o => o.Delivery.ReturnWhole, (o, v) => o.Delivery.ReturnWhole = v),
        Size("Delivery:MaxReturnedOctets", 0, 1 << 30, o => o.Delivery.MaxReturnedOctets, (o, v) => o.Delivery.MaxReturnedOctets = (int)v),
        Size("Delivery:MaxHandOverOctets", 0, 1L << 40, o => o.Delivery.MaxHandOverOctets, (o, v) => o.Delivery.MaxHandOverOctets = v),
        List("Delivery:ReplyRules", o => o.Delivery.ReplyRules, (o, v) => o.Delivery.ReplyRules = v),
        Number("Delivery:MaxReportsPerHour", 0, 1_000_000, o => o.Delivery.MaxReportsPerHour, (o, v) => o.Delivery.MaxReportsPerHour = v),

        OneOf<LocalMailbox>("Local:Delivery", o => o.Local.Delivery, (o, v) => o.Local.Delivery = v),
        List("Local:Users", o => o.Local.Users, (o, v) => o.Local.Users = v),
        Text("Local:MboxFolder", o => o.Local.MboxFolder, (o, v) => o.Local.MboxFolder = v),
        Text("Local:Maildir", o => o.Local.Maildir, (o, v) => o.Local.Maildir = v),
        Text("Local:Lmtp", o => o.Local.Lmtp, (o, v) => o.Local.Lmtp = v),
        Text("Local:CommandUser", o => o.Local.CommandUser, (o, v) => o.Local.CommandUser = v),
        Time("Local:CommandTimeout", s_second, s_hour, o => o.Local.CommandTimeout, (o, v) => o.Local.CommandTimeout = v),
        Size("Local:MaxCommandOutputOctets", 0, 1 << 20, o => o.Local.MaxCommandOutputOctets, (o, v) => o.Local.MaxCommandOutputOctets = (int)v),

        OneOf<Microsoft.Extensions.Logging.LogLevel>("Logging:Level", o => o.Logging.Level, (o, v) => o.Logging.Level = v),
        OneOf<LogFormat>("Logging:Format", o => o.Logging.Format, (o, v) => o.Logging.Format = v, Restart),
        OneOf<LogAddresses>("Logging:Addresses", o => o.Logging.Addresses, (o, v) => o.Logging.Addresses = v, Restart),
        Secret("Logging:AddressSalt", o => o.Logging.AddressSalt, (o, v) => o.Logging.AddressSalt = v, Restart),

        List("Telemetry:Endpoints", o => o.Telemetry.Endpoints, (o, v) => o.Telemetry.Endpoints = v, Restart),
        Switch("Telemetry:AllowNonLoopback", o => o.Telemetry.AllowNonLoopback, (o, v) => o.Telemetry.AllowNonLoopback = v, Restart),
        Text("Telemetry:OtlpEndpoint", o => o.Telemetry.OtlpEndpoint, (o, v) => o.Telemetry.OtlpEndpoint = v, Restart),
        Switch("Telemetry:ReadyNeedsSmarthost", o => o.Telemetry.ReadyNeedsSmarthost, (o, v) => o.Telemetry.ReadyNeedsSmarthost = v),

        Time("ShutdownGrace", TimeSpan.Zero, s_hour, o => o.ShutdownGrace, (o, v) => o.ShutdownGrace = v),
    ];

    /// <summary>By key, without regard to case.</summary>
    public static IReadOnlyDictionary<string, Setting> ByKey { get; } =
        All.ToDictionary(setting => setting.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>The map that a key is an entry of, and the entry's name.</summary>
    public static (MapSetting Map, string Name)? EntryOf(string key) => All.OfType<MapSetting>()
        .Where(map => key.StartsWith(map.Key + ":", StringComparison.OrdinalIgnoreCase))
        .Select(map => ((MapSetting, string)?)(map, key[(map.Key.Length + 1)..]))
        .FirstOrDefault();

    /// <summary>
    /// Ways to say one thing. What a later source says of one of them displaces what an earlier source said of the others:
    /// a password in the environment is not a second password beside the file that the configuration file names.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> Alternatives { get; } =
    [
        ["Smarthost:Password", "Smarthost:PasswordFile", "Smarthost:PasswordCommand"],
        ["Smarthost:AccessToken", "Smarthost:AccessTokenFile"],
    ];

    /// <summary>Keys that name a file whose first line is the value of another setting. (The files of passwords and tokens are
    /// settings themselves, for they are read again at every login.)</summary>
    public static IReadOnlyDictionary<string, string> FileVariants { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["Smarthost:UrlFile"] = "Smarthost:Url",
        ["Smarthost:UsernameFile"] = "Smarthost:Username",
        ["Logging:AddressSaltFile"] = "Logging:AddressSalt",
    };

    /// <summary>Settings that name a file with a secret in it.</summary>
    public static IReadOnlyList<string> SecretFiles { get; } =
        ["Smarthost:PasswordFile", "Smarthost:AccessTokenFile", "Smarthost:ClientKeyFile"];

    private static Setting<string> Text(
        string key, Func<RelayOptions, string> get, Action<RelayOptions, string> set, SettingEffect effect = Reload) =>
        new(key, SettingTypes.Text, get, set) { Effect = effect };

    private static Setting<string> Secret(
        string key, Func<RelayOptions, string> get, Action<RelayOptions, string> set, SettingEffect effect = Reload) =>
        new(key, SettingTypes.Verbatim, get, set) { IsSecret = true, Effect = effect };

    private static Setting<bool> Switch(
        string key, Func<RelayOptions, bool> get, Action<RelayOptions, bool> set, SettingEffect effect = Reload) =>
        new(key, SettingTypes.Switch, get, set) { Effect = effect };

    private static Setting<int> Number(
        string key, int least, int most, Func<RelayOptions, int> get, Action<RelayOptions, int> set, SettingEffect effect = Reload) =>
        new(key, SettingTypes.Number(least, most), get, set) { Effect = effect };

    private static Setting<long> Size(string key, long least, long most, Func<RelayOptions, long> get, Action<RelayOptions, long> set) =>
        new(key, SettingTypes.Octets(least, most), get, set);

    private static Setting<TimeSpan> Time(
        string key, TimeSpan least, TimeSpan most, Func<RelayOptions, TimeSpan> get, Action<RelayOptions, TimeSpan> set) =>
        new(key, SettingTypes.Duration(least, most), get, set);

    private static Setting<T> OneOf<T>(string key, Func<RelayOptions, T> get, Action<RelayOptions, T> set, SettingEffect effect = Reload)
        where T : struct, Enum =>
        new(key, SettingTypes.Choice<T>(), get, set) { Effect = effect };

    private static Setting<IList<string>> List(
        string key, Func<RelayOptions, IList<string>> get, Action<RelayOptions, IList<string>> set, SettingEffect effect = Reload) =>
        new(key, SettingTypes.List, get, set) { Effect = effect };
}
