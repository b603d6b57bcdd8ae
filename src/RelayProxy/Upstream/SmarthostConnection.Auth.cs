using System.Net;
using RelayProxy.Smtp;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Upstream;

/// <content>AUTH (RFC 4954): one attempt for each connection, with the strongest mechanism that fits. What is said here is never shown:
/// the trace gets a text of its own, made without the secret.</content>
internal sealed partial class SmarthostConnection
{
    /// <summary>RFC 5321 §4.5.3.1.4, without CRLF. An initial response that does not fit goes on a line of its own (RFC 4954 §4).</summary>
    private const int MaxCommandOctets = 510;

    /// <summary>RFC 4954 §4.</summary>
    private const int MaxAuthLineOctets = 12288;

    /// <summary>SCRAM needs two. A server that asks on and on is not one.</summary>
    private const int MaxChallenges = 8;

    /// <summary>Shorter ones are words that anybody may say.</summary>
    private const int ShortestKeptOut = 8;

    /// <summary>What no reply to AUTH may show, should the smarthost repeat it: there even a piece of it is no coincidence.</summary>
    private readonly SecretVeil _loginVeil = new(piece: 6);

    /// <summary>What no other reply may show, though it be the one to a message much later.</summary>
    private readonly SecretVeil _veil = new(piece: 12);

    /// <summary>Whether the operator wants us to log in. Then nothing is sent without it.</summary>
    private bool IsLoginConfigured =>
        Options.Username.Length + Options.AccessToken.Length + Options.AccessTokenFile.Length > 0
        || Options.Mechanisms.Contains("EXTERNAL", StringComparer.OrdinalIgnoreCase);

    private async ValueTask<SessionFailure?> LogInAsync(SmarthostSecrets secrets, Deadline deadline)
    {
        _stage = DeliveryStage.Auth;
        var credentials = new SaslCredentials
        {
            Username = Options.Username,
            Password = secrets.Password,
            AccessToken = secrets.AccessToken,
            HasClientCertificate = Options.ClientCertificateFile.Length > 0 && Facts.TlsVersion.Length > 0,
            IsEncrypted = Facts.TlsVersion.Length > 0,
            AllowPlaintext = Options.AllowPlaintextAuth || IsThisMachine(),
            TlsServerEndPoint = Facts.ChannelBinding,
            Host = _host,
            Port = Options.Port,
        };
        SaslChoice choice = SaslMechanisms.Choose(
            _connector.UsableMechanisms(Capabilities.AuthMechanisms), credentials, [.. Options.Mechanisms]);
        if (choice.TryGetStrongest(out SaslMechanism? mechanism))
        {
            _replies.Veil = _loginVeil.Over;
            SessionFailure? failure = await ExchangeAsync(mechanism, choice.Candidates.Count > 1, deadline);
            _replies.Veil = _veil.Over;
            return failure;
        }

        // A client certificate alone may be all the smarthost wants to see; a login that was asked for may not be left out.
        return IsLoginConfigured ? Untrusted(_stage, $"{Smarthost}: {choice.Reason}") : null;
    }

    private bool IsThisMachine() => Facts.RemoteAddress is { } place
        ? IPAddress.IsLoopback(place.Address)
        : SmarthostHost.IsLoopback(_host);

    private async ValueTask<SessionFailure?> ExchangeAsync(SaslMechanism mechanism, bool othersLeft, Deadline deadline)
    {
        bool awaited = false;
        try
        {
            SmtpReply reply = await BeginAsync(mechanism, deadline);
            for (int challenges = 0; awaited = reply.Code == 334; challenges++)
            {
                if (challenges == MaxChallenges)
                {
                    throw new SaslException("the smarthost asks too many questions");
                }

                byte[] challenge = Decode(reply.Text);
                reply = await RespondAsync(mechanism.Respond(challenge), deadline);
            }

            if (reply.Code != 235)
            {
                return Refused(mechanism, reply, othersLeft);
            }

            mechanism.Finish();
            Facts = Facts with { Mechanism = mechanism.Name };
            return null;
        }
        catch (SaslException exception)
        {
            if (awaited)
            {
                await CancelAsync(deadline);
            }

            return Failed(mechanism, exception.Message, exception.Fault);
        }
    }

    private async ValueTask<SmtpReply> BeginAsync(SaslMechanism mechanism, Deadline deadline)
    {
        string command = $"AUTH {mechanism.Name}";
        byte[]? response = mechanism.InitialResponse();
        if (response is null)
        {
            return await SaySecretAsync(command, command, deadline);
        }

        string encoded = response.Length == 0 ? "=" : Convert.ToBase64String(response);
        if (command.Length + 1 + encoded.Length <= MaxCommandOctets)
        {
            return await SaySecretAsync($"{command} {encoded}", $"{command} ***", deadline);
        }

        SmtpReply reply = await SaySecretAsync(command, command, deadline);
        return reply.Code == 334 ? await RespondAsync(response, deadline) : reply;
    }

    private ValueTask<SmtpReply> RespondAsync(byte[] response, Deadline deadline)
    {
        string encoded = Convert.ToBase64String(response);
        return encoded.Length > MaxAuthLineOctets
            ? throw new SaslException($"a response of {encoded.Length} octets is longer than the {MaxAuthLineOctets} that AUTH allows", SaslFault.MechanismUnusable)
            : SaySecretAsync(encoded, "***", deadline);
    }

    /// <param name="shown">What the trace may tell. It is made apart from <paramref name="line"/>, so that no rule about what to blank out
    /// can be wrong.</param>
    private async ValueTask<SmtpReply> SaySecretAsync(string line, string shown, Deadline deadline)
    {
        RefuseUnsolicited();
        Log.Sent(_logger, Smarthost, shown);
        if (line != shown)
        {
            KeepOut(line[(line.LastIndexOf(' ') + 1)..]);
        }

        var secret = new CommandBuffer();
        secret.Add(line);
        deadline.Start(Options.ReplyTimeout);
        await _stream.WriteAsync(secret.Octets, deadline.Token);
        SmtpReply reply = await _replies.ReadAsync(deadline.Token);
        deadline.Stop();
        if (reply.Code == 334)
        {
            Log.Received(_logger, Smarthost, reply with { Text = "***" });
            return reply;
        }

        Log.Received(_logger, Smarthost, reply);
        return reply;
    }

    /// <summary>Whatever the smarthost says from now on is shown without it.</summary>
    private void KeepOut(string secret)
    {
        _loginVeil.Add(secret);
        if (secret.Length >= ShortestKeptOut)
        {
            _veil.Add(secret);
        }
    }

    /// <summary>Ends an exchange that cannot go on: <c>*</c>, whose answer is 501 (RFC 4954 §4); the session ends after it.</summary>
    private async ValueTask CancelAsync(Deadline deadline)
    {
        try
        {
            await SaySecretAsync("*", "*", deadline);
        }
        catch (Exception exception) when (IsFarSide(exception, deadline))
        {
            IsBroken = true;
        }
    }

    private SessionFailure Failed(SaslMechanism mechanism, string why, SaslFault fault)
    {
        if (fault == SaslFault.MechanismUnusable)
        {
            DoWithoutNextTime(mechanism, why);
        }

        string text = $"{Smarthost}: {mechanism.Name}: {_loginVeil.Over(why)}";
        return fault switch
        {
            SaslFault.ServerNotTrusted => Untrusted(DeliveryStage.Auth, text),
            SaslFault.CredentialsRefused => new(DeliveryStage.Auth, SessionFault.AuthRefused, new SmtpReply(535, 7, 8, text), FromSmarthost: false),
            SaslFault.MechanismUnusable => new(DeliveryStage.Auth, SessionFault.AuthDeferred, new SmtpReply(454, 7, 0, text), FromSmarthost: false),
        };
    }

    /// <summary>535 and its kin are the operator's to mend; 454, 432 and 421 pass by themselves. 2yz or 354 instead of an answer comes from
    /// something that is no mail server.</summary>
    private SessionFailure Refused(SaslMechanism mechanism, SmtpReply reply, bool othersLeft)
    {
        SessionFault fault = reply.Severity switch
        {
            Severity.Permanent => SessionFault.AuthRefused,
            Severity.Transient => SessionFault.AuthDeferred,
            Severity.Success or Severity.Intermediate or Severity.Unknown => SessionFault.Untrusted,
        };

        // Offered, and then not known: some servers announce what their password store cannot do (RFC 4954 §4).
        if (reply.Code == 504 && othersLeft)
        {
            DoWithoutNextTime(mechanism, reply.ToString());
            fault = SessionFault.AuthDeferred;
        }

        string text = mechanism.Complaint is { } complaint ? $"{reply.Text} ({mechanism.Name}: {_loginVeil.Over(complaint)})" : reply.Text;
        return new(DeliveryStage.Auth, fault, reply with { Text = text }, FromSmarthost: true);
    }

    private void DoWithoutNextTime(SaslMechanism mechanism, string why)
    {
        _connector.MechanismFailed(mechanism.Name);
        Log.WeakerMechanismNextTime(_logger, Smarthost, mechanism.Name, why);
    }

    private static byte[] Decode(string text)
    {
        byte[] decoded = new byte[text.Length];
        return Convert.TryFromBase64String(text, decoded, out int octets) && !text.AsSpan().ContainsAny(" \n")
            ? decoded[..octets]
            : throw new SaslException("the smarthost sent a challenge that is not base64");
    }
}
