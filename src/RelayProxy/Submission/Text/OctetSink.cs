namespace RelayProxy.Submission.Text;

/// <summary>Takes the next octets of a message. They are only lent: whoever needs them later copies them.</summary>
internal delegate void OctetSink(ReadOnlySpan<byte> octets);
