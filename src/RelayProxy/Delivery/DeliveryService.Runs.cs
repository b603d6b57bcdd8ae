using System.Globalization;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <content>Runs: each holds one place among the connections and sends one message after the other, until there are none or its place is
/// taken away.</content>
internal sealed partial class DeliveryService
{
    private readonly RunningTasks _runs = new();

    /// <summary>Starts a run for each message that waits, as long as there is a free place. Called by whoever brings either; cheap where there is
    /// neither.</summary>
    private void StartRuns()
    {
        while (_phase != Phase.Stopped && !_source.IsEmpty && _health.TryEnter(out Passage passage))
        {
            // Taken here and not by the run: until it begins, the message would have more and more places taken for it.
            if (_source.TryTake(out MailToSend mail))
            {
                _runs.Start(() => RunAsync(mail, passage));
            }
            else
            {
                // Somebody was faster. Whoever came meanwhile, and found this place taken, is seen by the next round.
                _health.Leave();
            }
        }
    }

    private async Task RunAsync(MailToSend mail, Passage passage)
    {
        var next = new NextMail(_source);
        try
        {
            do
            {
                if ((_storeHasMore || _overdueHasMore) && _source.Due < 8)
                {
                    _wake.Call();
                }

                await DeliverAsync(mail, next, passage).ConfigureAwait(false);
            }
            while (_health.MayGoOn(ref passage) && _phase != Phase.Stopped && next.TryTake(out mail));
        }
        catch (Exception fault)
        {
            Log.DeliveryFault(_logger, fault.Message, fault);
        }
        finally
        {
            await next.GiveUpAsync().ConfigureAwait(false);
            _health.Leave();
        }

        // Whoever came while the place was still taken found no free one; whoever found no room waits in the store.
        StartRuns();
        if (_source.IsEmpty && (_storeHasMore || _overdueHasMore || _handOver.WasFull))
        {
            _wake.Call();
        }
    }

    private async Task DeliverAsync(MailToSend mail, NextMail next, Passage passage)
    {
        QueueLease lease = mail.Lease;
        if (_phase == Phase.Stopped)
        {
            // It was stopped between the taking and the beginning.
            _source.Sent(mail);
            await _source.ReleaseAsync(lease).ConfigureAwait(false);
            return;
        }

        AttemptResult result;
        try
        {
            result = await _attempt.RunAsync(lease, next, () => Met(passage), _abort.Token).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            Log.AttemptFault(_logger, lease.Message.Id, fault.Message, fault);
            result = OurFault(lease);
        }
        finally
        {
            _source.Sent(mail);
        }

        Judge(result, passage);
        await _settler.EnterAsync().ConfigureAwait(false);
        _settler.Begin(lease, () => _recorder.RecordAsync(lease, result, CancellationToken.None), RouteSettled(lease));
    }

    private void Met(Passage passage)
    {
        if (_health.Met(passage))
        {
            StartRuns();
            _wake.Call();
        }
    }

    /// <summary>What the attempt says about the smarthost.</summary>
    private void Judge(AttemptResult result, Passage passage)
    {
        if (result.Recipients.Count == 0)
        {
            return;
        }

        RestReason? trouble = _health.Trouble;
        SmtpReply reply = result.Failure?.Reply ?? result.Gravest.Reply;
        Rest? rest = result.Failure is { } failure
            ? _health.Failed(passage, Rest.ReasonOf(failure.Fault), reply)
            : result.Gravest.Remedy switch
            {
                Remedy.Hold => _health.Failed(passage, RestReason.AuthRefused, reply),
                Remedy.Pause => _health.Failed(passage, RestReason.QuotaReached, reply),
                Remedy.SlowDown => _health.Failed(passage, RestReason.Throttled, reply),
                Remedy.Rest => _health.Failed(passage, RestReason.Away, reply),
                Remedy.Suspect => _health.Lost(passage, reply),
                Remedy.None or Remedy.NextTransaction => null,
            };

        if (rest is { } begun)
        {
            Begin(begun, result.Smarthost, reply);
        }
        else if (result.WasHeard && _health.Heard(passage))
        {
            if (trouble is { } ended)
            {
                Log.SmarthostAnswers(_logger, result.Smarthost, Rest.Words(ended));
            }

            // More may enter now than did: the loop fetches mail for them.
            _wake.Call();
        }
    }

    private void Begin(Rest rest, string smarthost, SmtpReply reply)
    {
        _handOver.Close();
        if (Rest.NeedsAPerson(rest.Reason))
        {
            Log.SmarthostNeedsAPerson(_logger, smarthost, Rest.Words(rest.Reason), Clock(rest.Pause), reply);
        }
        else
        {
            Log.SmarthostRests(_logger, smarthost, Rest.Words(rest.Reason), Clock(rest.Pause), reply);
        }

        _wake.Call();
    }

    private static string Clock(TimeSpan pause) => pause.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);

    /// <summary>A fault of our own is nobody else's: everything waits, longer each time.</summary>
    private static AttemptResult OurFault(QueueLease lease)
    {
        var outcome = new Outcome(
            Disposition.Deferred, FailureScope.Message, DeliveryStage.MailFrom, new SmtpReply(451, 3, 0, "The relay failed to send it"));
        return new AttemptResult
        {
            Smarthost = "",
            Recipients = [.. lease.Due.Select(recipient => new RecipientResult(recipient, outcome, FromSmarthost: false))],
        };
    }
}
