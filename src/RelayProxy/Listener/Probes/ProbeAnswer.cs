using System.Globalization;
using System.Text;

namespace RelayProxy.Listener.Probes;

/// <summary>What is answered to an HTTP request.</summary>
internal sealed record ProbeAnswer(int Status, string Body, string ContentType = "text/plain; charset=utf-8")
{
    public static readonly ProbeAnswer BadRequest = new(400, "This is no HTTP request.\n");
    public static readonly ProbeAnswer NotFound = new(404, "/metrics, /livez and /readyz are here.\n");
    public static readonly ProbeAnswer MethodNotAllowed = new(405, "GET and HEAD only.\n");
    public static readonly ProbeAnswer TooLarge = new(431, "The request is too large.\n");
    public static readonly ProbeAnswer Fault = new(500, "A fault of this relay.\n");

    /// <summary>As it goes over the wire. The connection ends with it.</summary>
    /// <param name="withBody">Not to HEAD (RFC 9110 §9.3.2).</param>
    public byte[] ToOctets(bool withBody)
    {
        byte[] body = Encoding.UTF8.GetBytes(Body);
        string allow = Status == 405 ? "Allow: GET, HEAD\r\n" : "";
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {Status} {Phrase(Status)}\r\nContent-Type: {ContentType}\r\nContent-Length: {body.Length}\r\n{allow}Cache-Control: no-store\r\nConnection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. withBody ? body : []];
    }

    private static string Phrase(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
}
