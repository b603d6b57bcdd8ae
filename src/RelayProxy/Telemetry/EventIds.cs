namespace RelayProxy.Telemetry;

/// <summary>
/// Every event's number, so that a log can be searched by it. Each room owns a hundred, in a file of its own beside this one;
/// a number is never used twice. 1000 Relay, Configuration and Commands; 1100 Listener; 1200 Session; 1300 Intake;
/// 1400 Rewrite; 1500 Queue; 1600 Delivery; 1700 Upstream.
/// </summary>
internal static partial class EventIds;
