using RelayProxy.Mail;

namespace RelayProxy.Submission.Flags;

/// <summary>
/// Reads a sendmail's arguments as getopt(3) does: letters may stand together (<c>-ti</c>), an argument behind its letter or after it, flags
/// and recipients in any order, and behind <c>--</c> there are recipients only. What is not known is passed over, for an exit code of 64 makes
/// cron and PHP lose the mail.
/// </summary>
internal static class SendmailArguments
{
    /// <param name="takesLongOptions"><c>--config</c> may be among them, as for <c>relayproxy sendmail</c>. Whoever is called by an old name takes none:
    /// what a web form smuggles into the arguments of PHP's mail() must not be able to name another configuration.</param>
    public static SendmailRequest Read(IReadOnlyList<string> arguments, bool takesLongOptions)
    {
        var request = new SendmailRequest();
        for (int i = 0; i < arguments.Count; i++)
        {
            string word = arguments[i];
            if (word == "--")
            {
                for (i++; i < arguments.Count; i++)
                {
                    request.Words.Add(arguments[i]);
                }
            }
            else if (word.StartsWith("--", StringComparison.Ordinal))
            {
                i += ReadLong(word, Next(arguments, i), takesLongOptions, request);
            }
            else if (word is ['-', _, ..])
            {
                i += ReadLetters(word, Next(arguments, i), request);
            }
            else
            {
                request.Words.Add(word);
            }
        }

        if (request is { QueueRun: not null, Work: SendmailWork.Message })
        {
            request.Work = SendmailWork.RunQueue;
        }

        return request;
    }

    private static string? Next(IReadOnlyList<string> arguments, int i) => i + 1 < arguments.Count ? arguments[i + 1] : null;

    /// <returns>How many further words were taken.</returns>
    private static int ReadLetters(string word, string? next, SendmailRequest request)
    {
        for (int at = 1; at < word.Length; at++)
        {
            if (SendmailFlags.Find(word[at]) is not { } flag)
            {
                // Whether the rest are letters, or an argument, nobody knows.
                request.Unknown.Add(at == 1 ? word : $"-{word[at..]}");
                return 0;
            }

            string attached = word[(at + 1)..];
            switch (flag.Argument)
            {
                case FlagArgument.None:
                    Take(flag, "", request);
                    continue;
                case FlagArgument.Required when attached.Length == 0:
                    if (next is null)
                    {
                        Miss(flag, request);
                        return 0;
                    }

                    Take(flag, next, request);
                    return 1;
                case FlagArgument.Required when flag.Meaning == FlagMeaning.Option && attached[0] == 'M' && next is not (null or ['-', ..]):
                    // Exim's, who has the value in a word of its own (-oMr protocol).
                    Take(flag, $"{attached} {next}", request);
                    return 1;
                case FlagArgument.Required or FlagArgument.Attached:
                    Take(flag, attached, request);
                    return 0;
            }
        }

        return 0;
    }

    private static void Miss(SendmailFlag flag, SendmailRequest request)
    {
        if (flag.Meaning is FlagMeaning.PassedOver or FlagMeaning.Option)
        {
            request.PassedOver.Add($"-{flag.Letter}");
        }
        else
        {
            request.Fault ??= $"-{flag.Letter} lacks its argument ({flag.Usage})";
        }
    }

    private static void Take(SendmailFlag flag, string argument, SendmailRequest request)
    {
        List<string>? otherwise = null;
        switch (flag.Meaning)
        {
            case FlagMeaning.PassedOver:
                otherwise = request.PassedOver;
                break;
            case FlagMeaning.Mode:
                SendmailMode? mode = SendmailMode.Find(argument);
                request.Work = mode?.Work ?? request.Work;
                otherwise = mode is null ? request.Unknown : null;
                break;
            case FlagMeaning.NewAliases:
                request.Work = SendmailWork.NewAliases;
                break;
            case FlagMeaning.BodyType:
                otherwise = Is(argument, "8BITMIME") || Is(argument, "7BIT") ? null : request.Unknown;
                break;
            case FlagMeaning.FullName:
                request.FullName = argument;
                break;
            case FlagMeaning.HeaderRecipients:
                request.HeaderRecipients = true;
                break;
            case FlagMeaning.DotIsText:
                request.DotIsText = true;
                break;
            case FlagMeaning.Option:
                request.DotIsText |= argument == "i";
                otherwise = argument == "i" ? null : request.PassedOver;
                break;
            case FlagMeaning.Notify:
                otherwise = TryNotify(argument, out DsnNotify notify) ? null : request.Unknown;
                request.Notify = notify;
                break;
            case FlagMeaning.Return:
                request.Return = Is(argument, "full") ? DsnReturn.Full : Is(argument, "hdrs") ? DsnReturn.Headers : DsnReturn.Unspecified;
                otherwise = request.Return == DsnReturn.Unspecified ? request.Unknown : null;
                break;
            case FlagMeaning.EnvelopeId:
                request.EnvelopeId = argument;
                break;
            case FlagMeaning.QueueRun:
                request.QueueRun = argument;
                break;
            case FlagMeaning.Sender:
                request.Sender = argument.Trim() is var sender && sender == "<>" ? "" : sender;
                break;
            case FlagMeaning.Verbose:
                request.IsVerbose = true;
                break;
        }

        otherwise?.Add($"-{flag.Letter}{argument}");
    }

    /// <returns>How many further words were taken.</returns>
    private static int ReadLong(string word, string? next, bool takesLongOptions, SendmailRequest request)
    {
        const string config = "--config";
        switch (word)
        {
            case "--help":
                request.WantsHelp = true;
                return 0;
            case config when takesLongOptions && next is not null:
                request.ConfigurationFile = next;
                return 1;
            case config when takesLongOptions:
                request.Fault ??= "--config lacks its argument (--config FILE)";
                return 0;
            case var _ when takesLongOptions && word.StartsWith(config + "=", StringComparison.Ordinal):
                request.ConfigurationFile = word[(config.Length + 1)..];
                return 0;
            default:
                request.Unknown.Add(word);
                return 0;
        }
    }

    /// <summary><c>never</c> alone, or a list of the others (RFC 3461 §4.1).</summary>
    private static bool TryNotify(string argument, out DsnNotify notify)
    {
        notify = DsnNotify.Unspecified;
        if (Is(argument, "never"))
        {
            notify = DsnNotify.Never;
            return true;
        }

        DsnNotify asked = DsnNotify.Unspecified;
        foreach (string word in argument.Split(',', StringSplitOptions.TrimEntries))
        {
            DsnNotify one = Is(word, "success") ? DsnNotify.Success
                : Is(word, "failure") ? DsnNotify.Failure
                : Is(word, "delay") ? DsnNotify.Delay
                : DsnNotify.Unspecified;
            if (one == DsnNotify.Unspecified)
            {
                return false;
            }

            asked |= one;
        }

        notify = asked;
        return true;
    }

    private static bool Is(string word, string other) => word.Equals(other, StringComparison.OrdinalIgnoreCase);
}
