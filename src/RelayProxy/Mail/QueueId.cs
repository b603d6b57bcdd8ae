using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace RelayProxy.Mail;

/// <summary>
/// The name of one accepted message, in the 250 reply, the <c>Received</c> field, every log line and every bounce. 41 bits
/// of milliseconds since 2024 and 22 random bits: ids sort by age, so new rows go to the end of the store's index. Written
/// as 13 letters of Crockford's base 32 (no I, L, O, U), read without regard to case.
/// </summary>
internal readonly record struct QueueId(long Value)
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Letters = 13;
    private const int RandomBits = 22;
    private static readonly DateTimeOffset s_epoch = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // By clock: ids follow the clock they are made with, and a process may have more than one only in tests.
    private static readonly ConditionalWeakTable<TimeProvider, StrongBox<long>> s_latest = [];

    /// <summary>A new id: unique in this process, and unlikely to be another's.</summary>
    public static QueueId Next(TimeProvider clock)
    {
        long candidate = (Milliseconds(clock.GetUtcNow()) << RandomBits) | (uint)Random.Shared.Next(1 << RandomBits);
        ref long latest = ref s_latest.GetOrCreateValue(clock).Value;
        while (true)
        {
            long last = Volatile.Read(ref latest);

            // Within one millisecond (or after the clock was set back a little) ids still grow.
            long next = last - candidate is >= 0 and < (1L << (RandomBits + 10)) ? last + 1 : candidate;
            if (Interlocked.CompareExchange(ref latest, next, last) == last)
            {
                return new QueueId(next);
            }
        }
    }

    /// <summary>The id of something that has another name already, which had it since <paramref name="at"/>: the same each time.</summary>
    public static QueueId Of(DateTimeOffset at, string name)
    {
        uint hash = BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return new QueueId((Milliseconds(at) << RandomBits) | (hash & ((1u << RandomBits) - 1)));
    }

    public static bool TryParse(ReadOnlySpan<char> text, out QueueId id)
    {
        id = default;
        if (text.Length != Letters)
        {
            return false;
        }

        long value = 0;
        foreach (char letter in text)
        {
            int digit = Alphabet.IndexOf(char.ToUpperInvariant(letter), StringComparison.Ordinal);
            if (digit < 0 || value > long.MaxValue >> 5)
            {
                return false;
            }

            value = (value << 5) | (uint)digit;
        }

        id = new QueueId(value);
        return true;
    }

    public override string ToString() => string.Create(Letters, Value, static (span, value) =>
    {
        for (int i = Letters - 1; i >= 0; i--, value >>= 5)
        {
            span[i] = Alphabet[(int)(value & 31)];
        }
    });

    private static long Milliseconds(DateTimeOffset time) => Math.Max(0, (long)(time - s_epoch).TotalMilliseconds) & ((1L << 41) - 1);
}
