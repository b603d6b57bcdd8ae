namespace RelayProxy.Mail;

/// <summary>Octets of a header section that are replaced by others.</summary>
internal readonly record struct HeaderSplice(int Start, int Length, ReadOnlyMemory<byte> Replacement = default);
