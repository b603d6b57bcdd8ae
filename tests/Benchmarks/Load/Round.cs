using RelayProxy.Harness.Load;

namespace RelayProxy.Benchmarks.Load;

/// <summary>So many messages through one server.</summary>
/// <param name="Accepted">Messages a second, until the last 250 to a client.</param>
/// <param name="Arrived">Messages a second, until the smarthost has the last.</param>
/// <param name="Work">For each message.</param>
/// <param name="ElsewhereShare">Of all processor time that there was: what went to nobody who takes part.</param>
/// <param name="ResidentOctets">Of the server, at the end.</param>
internal readonly record struct Round(double Accepted, double Arrived, ProcessorSplit Work, double ElsewhereShare, long ResidentOctets);
