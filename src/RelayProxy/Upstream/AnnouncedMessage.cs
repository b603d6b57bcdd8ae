namespace RelayProxy.Upstream;

/// <summary>A message whose envelope has been said, as planned, and whose replies are still to come.</summary>
internal sealed record AnnouncedMessage(OutgoingMessage Message, TransactionPlan Plan);
