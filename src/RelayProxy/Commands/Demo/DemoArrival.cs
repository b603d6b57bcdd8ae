namespace RelayProxy.Commands.Demo;

/// <summary>One message that the stand-in smarthost has taken.</summary>
/// <param name="Number">From 1, in the order of arrival.</param>
/// <param name="Sender">The reverse-path as it was written, without brackets.</param>
/// <param name="Recipients">The forward-paths, likewise.</param>
/// <param name="Content">The first octets of the message, dots unstuffed: as many as the smarthost was told to keep.</param>
/// <param name="Octets">How many octets the message has.</param>
/// <param name="Dialogue">What was said since the connection began, or since the message before; empty if nobody listens.</param>
internal sealed record DemoArrival(
    long Number, string Sender, IReadOnlyList<string> Recipients, ReadOnlyMemory<byte> Content, long Octets, IReadOnlyList<DialogueLine> Dialogue);

/// <summary>One line of an SMTP dialogue, without its CRLF and without secrets.</summary>
internal readonly record struct DialogueLine(bool FromServer, string Text);
