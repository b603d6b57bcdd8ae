using System.Globalization;
using System.Text;
using RelayProxy.Session;
using RelayProxy.Smtp;

namespace RelayProxy.Listener;

/// <summary>
/// Which users of this machine may send mail: <see cref="ListenerOptions.DeniedUsers"/> may not, and where there are
/// <see cref="ListenerOptions.AllowedUsers"/>, nobody else may. Where either is set, nobody of this machine comes in unnamed: whoever hangs up before he
/// is looked at would otherwise pass for nobody.
/// </summary>
/// <param name="options">As they are now; asked each time.</param>
/// <param name="relay">The user whom the relay runs as, who needs no permission: it asks for its own health at its own door. <c>null</c> where
/// there is no door.</param>
/// <param name="isMeant">Whether an entry of a list means a user; a test answers for the system.</param>
internal sealed class UserPolicy(Func<ListenerOptions> options, TimeProvider clock, uint? relay, Func<uint, string, Answer>? isMeant = null)
{
    /// <summary>How long an answer is good: the system may have to ask a directory server for it.</summary>
    private static readonly TimeSpan s_remembered = TimeSpan.FromMinutes(1);

    /// <summary>Answers kept; a machine has fewer users who send mail, and with more the system is only asked more often.</summary>
    private const int MaxRemembered = 1024;

    private readonly Func<uint, string, Answer> _isMeant = isMeant ?? UserEntry.Means;
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, (SmtpReply? Refusal, long At)> _answers = [];
    private (IList<string> Allowed, IList<string> Denied) _lists = ([], []);

    /// <summary>Why a user may not send; <c>null</c> if he may.</summary>
    /// <param name="userId"><c>null</c> where the kernel did not say.</param>
    /// <param name="isOfThisMachine">Asked only where it matters: whether he is at this machine at all.</param>
    public SmtpReply? RefusalOf(uint? userId, Func<bool> isOfThisMachine)
    {
        ListenerOptions current = options();
        (IList<string> allowed, IList<string> denied) = (current.AllowedUsers, current.DeniedUsers);
        if (allowed.Count == 0 && denied.Count == 0)
        {
            return null;
        }

        if (userId is { } id)
        {
            return Remembered(id, allowed, denied);
        }

        return isOfThisMachine() ? Replies.UserNotKnown
            : allowed.Count > 0 ? Replies.NotAUser
            : null;
    }

    private SmtpReply? Remembered(uint user, IList<string> allowed, IList<string> denied)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_lists.Allowed, allowed) || !ReferenceEquals(_lists.Denied, denied))
            {
                _answers.Clear();
                _lists = (allowed, denied);
            }

            if (_answers.TryGetValue(user, out (SmtpReply? Refusal, long At) known) && clock.GetElapsedTime(known.At) < s_remembered)
            {
                return known.Refusal;
            }
        }

        SmtpReply? refusal = Judge(user, allowed, denied);
        lock (_gate)
        {
            if (_answers.Count >= MaxRemembered)
            {
                _answers.Clear();
            }

            // What could not be told is asked again the next time.
            if (refusal?.Code != Replies.UserNotKnown.Code && ReferenceEquals(_lists.Allowed, allowed) && ReferenceEquals(_lists.Denied, denied))
            {
                _answers[user] = (refusal, clock.GetTimestamp());
            }
        }

        return refusal;
    }

    private SmtpReply? Judge(uint user, IList<string> allowed, IList<string> denied) => IsListed(user, denied) switch
    {
        Answer.Yes => Replies.UserRefused(Named(user), "Listener:DeniedUsers"),
        Answer.Unknown => Replies.UserNotKnown,
        Answer.No when allowed.Count == 0 || user == relay => null,
        Answer.No => IsListed(user, allowed) switch
        {
            Answer.Yes => null,
            Answer.Unknown => Replies.UserNotKnown,
            Answer.No => Replies.UserRefused(Named(user), "Listener:AllowedUsers"),
        },
    };

    private Answer IsListed(uint user, IList<string> list)
    {
        Answer answer = Answer.No;
        foreach (string entry in list)
        {
            switch (_isMeant(user, entry))
            {
                case Answer.Yes:
                    return Answer.Yes;
                case Answer.Unknown:
                    answer = Answer.Unknown;
                    break;
                case Answer.No:
                    break;
            }
        }

        return answer;
    }

    private static string Named(uint user)
    {
        string name = Printable.Of(Encoding.UTF8.GetBytes(LocalUsers.NameOf(user)));
        return string.Create(CultureInfo.InvariantCulture, $"uid {user}{(name.Length > 0 ? $" ({name})" : "")}");
    }
}
