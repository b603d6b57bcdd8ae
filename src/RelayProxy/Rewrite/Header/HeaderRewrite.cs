using RelayProxy.Mail;

namespace RelayProxy.Rewrite.Header;

/// <summary>What rewriting changes in one message's header.</summary>
/// <param name="Fields">In the order in which they stand. None twice.</param>
/// <param name="ReplyTo">A field to be added, with its CRLF: the author's address that a forced one has replaced. Empty: none.</param>
internal sealed record HeaderRewrite(IReadOnlyList<FieldRewrite> Fields, ReadOnlyMemory<byte> ReplyTo);

/// <summary>What rewriting changes in one field.</summary>
/// <param name="Splices">In order.</param>
/// <param name="Steps">What has changed at least one of its addresses.</param>
/// <param name="IsKept">A signature covers the field and the settings say that such fields stay: it is not to be spliced.</param>
internal sealed record FieldRewrite(HeaderField Field, IReadOnlyList<HeaderSplice> Splices, RewriteSteps Steps, bool IsKept);
