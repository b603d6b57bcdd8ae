using System.Buffers;
using System.Text;

namespace RelayProxy.Harness;

/// <summary>Input as a pipe delivers it: in as many segments as a test wants.</summary>
internal static class Sequences
{
    /// <summary>One segment a piece; empty pieces make empty segments.</summary>
    public static ReadOnlySequence<byte> Of(params ReadOnlyMemory<byte>[] pieces)
    {
        if (pieces.Length == 0)
        {
            return ReadOnlySequence<byte>.Empty;
        }

        var first = new Segment(pieces[0], 0);
        Segment last = first;
        foreach (ReadOnlyMemory<byte> piece in pieces.AsSpan(1))
        {
            last = last.Append(piece);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>Latin-1, so that <c>\u00ff</c> is the octet 255.</summary>
    public static ReadOnlySequence<byte> Of(string text) => new(Octets(text));

    /// <summary>The same octets whole, cut in two at every place, and octet by octet.</summary>
    public static IEnumerable<ReadOnlySequence<byte>> EveryWay(byte[] octets)
    {
        yield return new ReadOnlySequence<byte>(octets);
        for (int at = 0; at <= octets.Length; at++)
        {
            yield return Of(octets.AsMemory(0, at), octets.AsMemory(at));
        }

        yield return Of([.. Enumerable.Range(0, octets.Length).Select(at => (ReadOnlyMemory<byte>)octets.AsMemory(at, 1))]);
    }

    public static byte[] Octets(string latin1) => Encoding.Latin1.GetBytes(latin1);

    public static string Text(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets);

    public static string Text(in ReadOnlySequence<byte> octets) => Encoding.Latin1.GetString(octets);

    /// <summary>Every string over an alphabet, from one letter up to <paramref name="maxLength"/>.</summary>
    public static IEnumerable<string> Words(string alphabet, int maxLength)
    {
        IEnumerable<string> words = [""];
        for (int length = 1; length <= maxLength; length++)
        {
            words = words.SelectMany(word => alphabet.Select(letter => word + letter)).ToList();
            foreach (string word in words)
            {
                yield return word;
            }
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
