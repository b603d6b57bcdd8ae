namespace RelayProxy.Queue;

/// <summary>Settings of the <c>Queue</c> section.</summary>
internal sealed class QueueOptions
{
    /// <summary>The folder of the queue. Empty: <c>/var/lib/relayproxy</c> for root and for the service user,
    /// <c>$XDG_STATE_HOME/relayproxy</c> (or <c>~/.local/state/relayproxy</c>) for others.</summary>
    public string Path { get; set; } = "";

    /// <summary>Messages up to this many octets live inside the database row; larger ones in a file beside it.</summary>
    public int InlineOctets { get; set; } = 256 * 1024;

    /// <summary>Below this much free disk space MAIL is answered 452 4.3.1.</summary>
    public long MinFreeOctets { get; set; } = 256L * 1024 * 1024;

    /// <summary>How long a client waits for a disk that hangs. Then it hears 451 and brings its message again; 451 is the answer to all until the disk has
    /// gone on.</summary>
    public TimeSpan DiskTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <c>trace</c> can tell what became of a message.</summary>
    public TimeSpan HistoryFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a recipient is tried before the sender gets a bounce. RFC 5321 §4.5.4.1 asks for at least 4-5 days.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>When the sender is told that its mail is late. Zero: never.</summary>
    public TimeSpan DelayNoticeAfter { get; set; } = TimeSpan.FromHours(4);

    /// <summary>New mail waits until an operator asks for it to be sent (<c>queue retry</c>), as with dma's DEFER. What has been asked for once
    /// is tried like any other.</summary>
    public bool SendWhenAsked { get; set; }

    /// <summary>The queue goes when the relay stops (a container without a volume, an emptyDir of Kubernetes): what a stop leaves in it is lost,
    /// which is told as an error and by exit code 75.</summary>
    public bool Ephemeral { get; set; }
}
