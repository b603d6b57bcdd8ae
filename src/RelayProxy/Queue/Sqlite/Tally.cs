namespace RelayProxy.Queue.Sqlite;

/// <summary>What one message, or the change of one, adds to the sums in the <c>store</c> row.</summary>
internal readonly record struct Tally(long Messages, long Octets, long Waiting, long InDelivery, long Held, long Parked)
{
    public static Tally Of(long octets, int waiting, int held, int parked, bool leased) =>
        new(1, octets, leased ? 0 : waiting, leased ? waiting : 0, held, parked);

    public static Tally operator +(Tally a, Tally b) => new(
        a.Messages + b.Messages,
        a.Octets + b.Octets,
        a.Waiting + b.Waiting,
        a.InDelivery + b.InDelivery,
        a.Held + b.Held,
        a.Parked + b.Parked);

    public static Tally operator -(Tally a, Tally b) => new(
        a.Messages - b.Messages,
        a.Octets - b.Octets,
        a.Waiting - b.Waiting,
        a.InDelivery - b.InDelivery,
        a.Held - b.Held,
        a.Parked - b.Parked);
}
