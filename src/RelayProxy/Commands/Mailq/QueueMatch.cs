using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands.Mailq;

/// <summary>
/// Which messages sendmail's <c>-q</c> means: <c>-qIpart</c> those with this in their id, <c>-qRpart</c> in a recipient that waits, <c>-qSpart</c>
/// in the sender, and <c>-q!…</c> the others. What else may stand behind it (<c>-q30m</c>, <c>-qf</c>, <c>-qGname</c>) means all.
/// </summary>
internal sealed record QueueMatch
{
    private readonly char _field;
    private readonly string _part;
    private readonly bool _isNot;

    /// <param name="what">What stands behind <c>-q</c>.</param>
    /// <param name="words">Words of the command line that belong to no flag: <c>-qI ID</c> is meant as <c>-qIID</c>, and here they mean nothing else.</param>
    public QueueMatch(string what, IReadOnlyList<string> words)
    {
        what += what is [.., 'I' or 'R' or 'S'] && what.Length <= 2 && words is [var first, ..] ? first : "";
        _isNot = what.StartsWith('!');
        string rest = _isNot ? what[1..] : what;
        IsAll = rest is not ['I' or 'R' or 'S', _, ..];
        _field = IsAll ? ' ' : rest[0];
        _part = IsAll ? "" : rest is "S<>" ? MailqWords.NullSender : rest[1..].Trim('<', '>');
    }

    public bool IsAll { get; }

    /// <summary>What is left of the queue without reading all of it.</summary>
    public QueueSelection Selection =>
        _field == 'I' && !_isNot && QueueId.TryParse(_part, out QueueId id) ? new QueueSelection { Ids = [id] } : QueueSelection.All;

    public bool Includes(QueuedMessage message) => _field switch
    {
        'I' => _isNot != Has(message.Id.ToString()),
        'R' => _isNot != message.Recipients.Any(recipient => MailqWords.IsOpen(recipient) && Has(recipient.Recipient.Address.ToString())),
        'S' => _isNot != Has(MailqWords.Sender(message)),
        _ => true,
    };

    private bool Has(string text) => text.Contains(_part, StringComparison.OrdinalIgnoreCase);
}
