namespace RelayProxy.Mail;

/// <summary>Where one address stands in a field: <c>"Cron Daemon" &lt;root@localhost&gt;</c>. Offsets into the text that was scanned.</summary>
/// <param name="FoldAt">Before it the line may be folded: the bracket, or the local part where there is none.</param>
/// <param name="LocalStart">First octet of the local part, its quote if it has one.</param>
/// <param name="LocalEnd">Behind the local part.</param>
/// <param name="DomainStart">First octet of the domain; <paramref name="LocalEnd"/> if there is none.</param>
/// <param name="DomainEnd">Behind the domain; <paramref name="LocalEnd"/> if there is none.</param>
internal readonly record struct HeaderAddress(int FoldAt, int LocalStart, int LocalEnd, int DomainStart, int DomainEnd)
{
    public bool IsBare => DomainStart == DomainEnd;
}
