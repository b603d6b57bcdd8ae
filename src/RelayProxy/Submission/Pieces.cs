namespace RelayProxy.Submission;

/// <summary>
/// Divides octets, and reads numbers, with nothing but loops. What the runtime has for it knows of cultures and of any type, and takes longer to
/// be set up than a submission has.
/// </summary>
internal static class Pieces
{
    /// <summary>Takes what stands before the next separator, or all there is, off the front; false if there is nothing left.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, byte separator, out ReadOnlySpan<byte> piece)
    {
        piece = rest;
        if (rest.IsEmpty)
        {
            return false;
        }

        int end = rest.IndexOf(separator);
        piece = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return true;
    }

    /// <summary>A number in digits and nothing else.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> digits, out long number)
    {
        const int mostDigits = 18;
        number = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (10 * number) + digit - '0';
        }

        return digits.Length is > 0 and <= mostDigits;
    }

    /// <param name="number">Not negative.</param>
    public static string Digits(long number)
    {
        Span<char> digits = stackalloc char[20];
        int start = digits.Length;
        do
        {
            digits[--start] = (char)('0' + (number % 10));
            number /= 10;
        }
        while (number > 0);

        return new string(digits[start..]);
    }
}
