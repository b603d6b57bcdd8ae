using RelayProxy.Mail;

namespace RelayProxy.Delivery.Reports;

/// <summary>
/// How many reports one address gets in an hour: a program that writes to a wrong address in a loop must not be answered without end. The
/// hour is the monotonic clock's. Memory is bounded by the addresses that got a report within the hour.
/// </summary>
internal sealed class ReportBudget(TimeProvider clock, Func<DeliveryOptions> options)
{
    private static readonly TimeSpan s_window = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<Mailbox, int> _spent = [];
    private long _since = clock.GetTimestamp();

    /// <summary>False if this address has had its share.</summary>
    public bool TrySpend(Mailbox address)
    {
        lock (_gate)
        {
            if (clock.GetElapsedTime(_since) >= s_window)
            {
                _spent.Clear();
                _since = clock.GetTimestamp();
            }

            int spent = _spent.GetValueOrDefault(address);
            if (spent >= options().MaxReportsPerHour)
            {
                return false;
            }

            _spent[address] = spent + 1;
            return true;
        }
    }
}
