using Microsoft.Extensions.Logging;

namespace RelayProxy.Telemetry;

/// <summary>Looks on while metrics and spans are sent, and tells in the log of what goes wrong, which OpenTelemetry's library tells nobody: once, then how
/// often it was.</summary>
internal sealed partial class OtlpTroubles(TimeProvider clock, ILogger logger) : DelegatingHandler(new SocketsHttpHandler())
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private long? _toldAt;
    private long _untold;

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Judge(request, base.Send(request, cancellationToken));
        }
        catch (Exception trouble) when (trouble is HttpRequestException or OperationCanceledException)
        {
            Tell(request, trouble.Message);
            throw;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Judge(request, await base.SendAsync(request, cancellationToken));
        }
        catch (Exception trouble) when (trouble is HttpRequestException or OperationCanceledException)
        {
            Tell(request, trouble.Message);
            throw;
        }
    }

    private HttpResponseMessage Judge(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            Tell(request, $"{(int)response.StatusCode} {response.ReasonPhrase}");
        }

        return response;
    }

    private void Tell(HttpRequestMessage request, string trouble)
    {
        long untold;
        lock (_gate)
        {
            if (_toldAt is { } last && clock.GetElapsedTime(last) < s_pause)
            {
                _untold++;
                return;
            }

            _toldAt = clock.GetTimestamp();
            untold = _untold;
            _untold = 0;
        }

        // Without what a URL may have in it that is nobody's business.
        Log.NotExported(logger, request.RequestUri?.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) ?? "", LogText.Printable(trouble), untold);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotExported, LogLevel.Warning, "{Url}: metrics or traces are not taken: {Trouble} ({Untold} more since this was last told)")]
        public static partial void NotExported(ILogger logger, string url, string trouble, long untold);
    }
}
