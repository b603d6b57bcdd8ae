using System.IO.Pipelines;

namespace RelayProxy.Smtp;

/// <summary>Reads a server's replies (RFC 5321 §4.2), bounded in lines and octets: an endless or malformed reply is a
/// <see cref="ReplyFormatException"/>, a connection that ends in the middle of one an <see cref="IOException"/>.</summary>
internal sealed class ReplyReader
{
    public ReplyReader(PipeReader input) => throw new NotImplementedException();

    /// <summary>The next reply, its lines joined by LF, its enhanced status code taken out of the text where it has one.</summary>
    public ValueTask<SmtpReply> ReadAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Whether octets have arrived that nobody asked for, or the far side has closed. Does not wait.</summary>
    public bool HasUnsolicited() => throw new NotImplementedException();
}

/// <summary>The far side does not speak SMTP. The message quotes what it said, made printable and cut short.</summary>
internal sealed class ReplyFormatException(string message) : Exception(message);
