namespace RelayProxy.Proof.Fuzzing;

/// <summary>Makes inputs out of inputs: bits flipped, octets changed, pieces cut out, doubled, many times over, or taken from elsewhere, and words put in
/// that mean something. What it makes follows from its random numbers and from nothing else.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words)
{
    private const int MaxOctets = 16 * 1024;

    /// <summary>What computers are bad at.</summary>
    private static readonly byte[] s_octets = [0, 1, 9, 10, 13, 32, 34, 40, 41, 43, 44, 46, 58, 60, 61, 62, 64, 92, 127, 128, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xf0, 0xf4, 0xff];

    /// <summary>One of these inputs, changed in a few places.</summary>
    public byte[] Next(IReadOnlyList<byte[]> inputs)
    {
        List<byte> input = [.. inputs[random.Next(inputs.Count)]];
        for (int changes = 1 + random.Next(1 + random.Next(8)); changes > 0; changes--)
        {
            Change(input, inputs);
        }

        return input.Count > MaxOctets ? [.. input.Take(MaxOctets)] : [.. input];
    }

    private void Change(List<byte> input, IReadOnlyList<byte[]> inputs)
    {
        int at = random.Next(input.Count + 1);
        int length = Math.Min(input.Count - at, 1 + random.Next(1 + random.Next(64)));
        switch (random.Next(9))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = s_octets[random.Next(s_octets.Length)];
                break;
            case 2:
                input.Insert(at, s_octets[random.Next(s_octets.Length)]);
                break;
            case 3:
                input.RemoveRange(at, length);
                break;
            case 4:
                input.InsertRange(random.Next(input.Count + 1), input.GetRange(at, length));
                break;
            case 5:
                byte[] piece = [.. input.GetRange(at, Math.Min(length, 8))];
                input.InsertRange(at, Enumerable.Repeat(piece, random.Next(1 << random.Next(9))).SelectMany(octets => octets));
                break;
            case 6:
                byte[] other = inputs[random.Next(inputs.Count)];
                input.RemoveRange(at, input.Count - at);
                input.AddRange(other.AsSpan(random.Next(other.Length + 1)));
                break;
            case 7:
                input.InsertRange(at, [.. BitConverter.GetBytes(random.NextInt64()).Take(length)]);
                break;
            default:
                input.InsertRange(at, words[random.Next(words.Count)]);
                break;
        }
    }
}
