namespace RelayProxy.Upstream;

/// <summary>What one attempt at a session found out, also where it failed.</summary>
/// <param name="Smarthost"><c>smtp.example.net:465</c>.</param>
/// <param name="Facts">As far as it came.</param>
/// <param name="Failure">Why it came no further; <c>null</c> if it was ready for MAIL.</param>
internal sealed record SmarthostProbe(string Smarthost, SessionFacts Facts, SmarthostCapabilities Capabilities, SessionFailure? Failure);
