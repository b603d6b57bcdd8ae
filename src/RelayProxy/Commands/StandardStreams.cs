using System.Text;
using RelayProxy.Submission;

namespace RelayProxy.Commands;

/// <summary>This process's, as far as it was given them (<see cref="SystemCalls.IsGiven"/>): what was closed is empty, and takes everything.</summary>
internal static class StandardStreams
{
    public static TextWriter Error => SystemCalls.IsGiven(SystemCalls.StandardError) ? Console.Error : TextWriter.Null;

    public static Stream OpenInput() => SystemCalls.IsGiven(SystemCalls.StandardInput) ? Console.OpenStandardInput() : Stream.Null;

    public static Stream OpenOutput() => SystemCalls.IsGiven(SystemCalls.StandardOutput) ? Console.OpenStandardOutput() : Stream.Null;

    /// <summary>Output as text. Each line is written when it is complete: who reads it may be waiting for it.</summary>
    public static TextWriter OpenOutputText() => SystemCalls.IsGiven(SystemCalls.StandardOutput)
        ? TextWriter.Synchronized(
            new StreamWriter(new StandardOutput(OpenOutput(), SystemCalls.StandardOutput), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true })
        : TextWriter.Null;
}
