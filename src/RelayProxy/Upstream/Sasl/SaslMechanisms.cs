using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace RelayProxy.Upstream.Sasl;

/// <summary>
/// The mechanisms spoken here, strongest first: what proves the password without showing it and is bound to the TLS connection, what
/// proves it without showing it, certificates, tokens, and last what shows it. To add one: one file in this folder, one line here.
/// </summary>
internal static class SaslMechanisms
{
    private static readonly Entry[] s_ranked =
    [
        new("SCRAM-SHA-256-PLUS", ScramMechanism.LacksForPlus, (credentials, _) => ScramMechanism.Plus(HashAlgorithmName.SHA256, credentials)),
        new("SCRAM-SHA-256", ScramMechanism.Lacks, (credentials, peer) => ScramMechanism.Plain(HashAlgorithmName.SHA256, credentials, peer)),
        new("SCRAM-SHA-1-PLUS", ScramMechanism.LacksForPlus, (credentials, _) => ScramMechanism.Plus(HashAlgorithmName.SHA1, credentials)),
        new("SCRAM-SHA-1", ScramMechanism.Lacks, (credentials, peer) => ScramMechanism.Plain(HashAlgorithmName.SHA1, credentials, peer)),
        new("EXTERNAL", ExternalMechanism.Lacks, (credentials, _) => new ExternalMechanism(credentials)),
        new("OAUTHBEARER", OAuthBearerMechanism.Lacks, (credentials, _) => new OAuthBearerMechanism(credentials)),
        new("XOAUTH2", XOAuth2Mechanism.Lacks, (credentials, _) => new XOAuth2Mechanism(credentials)),
        new("CRAM-MD5", CramMd5Mechanism.Lacks, (credentials, _) => new CramMd5Mechanism(credentials)),
        new("PLAIN", PlainMechanism.Lacks, (credentials, _) => new PlainMechanism(credentials)),
        new("LOGIN", LoginMechanism.Lacks, (credentials, _) => new LoginMechanism(credentials)),
    ];

    /// <summary>Their names, strongest first: what <see cref="SmarthostOptions.Mechanisms"/> may hold.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_ranked.Select(entry => entry.Name)];

    /// <summary>Which mechanisms can be used here.</summary>
    /// <param name="offered">What the smarthost announced with AUTH, in any order and letter case.</param>
    /// <param name="allowed">What the operator allows; empty for all.</param>
    public static SaslChoice Choose(IReadOnlyCollection<string> offered, SaslCredentials credentials, IReadOnlyCollection<string> allowed)
    {
        bool offersPlus = offered.Any(name => name.EndsWith("-PLUS", StringComparison.OrdinalIgnoreCase));
        var candidates = new List<SaslMechanism>();
        var passedOver = new List<string>();
        foreach (Entry entry in s_ranked.Where(entry => offered.Contains(entry.Name, StringComparer.OrdinalIgnoreCase)))
        {
            string? missing = allowed.Count > 0 && !allowed.Contains(entry.Name, StringComparer.OrdinalIgnoreCase)
                ? "not in Smarthost:Mechanisms"
                : entry.Lacks(credentials);
            if (missing is null)
            {
                candidates.Add(entry.Create(credentials, offersPlus));
            }
            else
            {
                passedOver.Add($"{entry.Name} ({missing})");
            }
        }

        return new SaslChoice(candidates, candidates.Count > 0 ? "" : WhyNone(offered, passedOver));
    }

    private static string WhyNone(IReadOnlyCollection<string> offered, List<string> passedOver)
    {
        if (offered.Count == 0)
        {
            return "the smarthost offers no AUTH";
        }

        IEnumerable<string> unknown = offered
            .Where(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase) && IsMechanismName(name))
            .Take(10)
            .Select(name => $"{name.ToUpperInvariant()} (not known here)");
        string all = string.Join(", ", passedOver.Concat(unknown));
        return all.Length == 0
            ? "the smarthost offers no mechanism that has a name"
            : $"no SASL mechanism that the smarthost offers can be used: {all}";
    }

    /// <summary>RFC 4422 §3.1. What does not fit is the far side's noise and is not repeated in a log.</summary>
    private static bool IsMechanismName(string name) =>
        name.Length is > 0 and <= 20 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');

    /// <param name="Lacks">What is missing for it, in words; <c>null</c> if it can be used.</param>
    /// <param name="Create">A fresh exchange; the second argument says whether the smarthost offers channel binding.</param>
    private sealed record Entry(string Name, Func<SaslCredentials, string?> Lacks, Func<SaslCredentials, bool, SaslMechanism> Create);
}

/// <summary>What can be used, or why nothing can.</summary>
/// <param name="Candidates">Strongest first, each a fresh exchange.</param>
/// <param name="Reason">For the log, where there is no candidate: what the smarthost offers and what is missing for each. Empty
/// otherwise.</param>
internal readonly record struct SaslChoice(IReadOnlyList<SaslMechanism> Candidates, string Reason)
{
    public bool TryGetStrongest([NotNullWhen(true)] out SaslMechanism? mechanism)
    {
        mechanism = Candidates.Count > 0 ? Candidates[0] : null;
        return mechanism is not null;
    }
}
