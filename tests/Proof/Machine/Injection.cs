using System.Diagnostics;

namespace RelayProxy.Proof.Machine;

/// <summary>A fault that strikes while one message of so many octets is on its way: of the calls of one kind on files whose path contains a text, so many
/// after the first so many.</summary>
/// <param name="Text">Empty: any file of the machine's.</param>
internal sealed record Injection(string Call, string Text, ErrorNumber Error, int Skip, int Times, int Octets)
{
    private static readonly TimeSpan s_afterArrival = TimeSpan.FromMilliseconds(300);

    /// <summary>The client hears 4xx, or 250 and then the message arrives; mail is taken again when nothing fails any more.</summary>
    /// <returns>False if there was no such call on the way of the message.</returns>
    public async Task<bool> StrikesAsync(FaultyMachine machine, InjectionFigures figures)
    {
        int serial = machine.Disk.Order(Call, Text.Length == 0 ? machine.Folder : Text, (int)Error, Skip, Times);
        long began = Stopwatch.GetTimestamp();
        string reply = await machine.SendAsync(Octets);
        TimeSpan answered = Stopwatch.GetElapsedTime(began);
        Assert.True(reply.Length > 0, $"{this}: the relay hung up without an answer.\n{machine.Log}");
        bool struck = await HasStruckAsync(machine, serial);
        machine.Disk.Mend();
        TimeSpan resumed = await machine.ResumesAsync(ToString());
        await machine.ArrivedAsync(ToString());
        Assert.True(!reply.StartsWith('4') || struck, $"{reply} although nothing failed.");
        figures.Add(reply, answered, resumed, struck, CallOf(machine.Disk.ToldOf(serial)));
        machine.Disk.Forget();
        return struck;
    }

    /// <summary>What failed; a lock, if one was among it.</summary>
    private static string CallOf(IReadOnlyList<string> told) =>
        told.FirstOrDefault(call => call.StartsWith("lock ", StringComparison.Ordinal)) ?? (told.Count > 0 ? told[0] : "none");

    /// <summary>What is left in the end, on a disk that does not fail: nothing that was not settled.</summary>
    public static async Task EndAsync(FaultyMachine machine)
    {
        await machine.EmptyAsync();
        await machine.StopAsync();
        machine.AssertBooksAreStraight();
    }

    /// <summary>Whether the fault comes about before the message has gone all its way.</summary>
    private static async Task<bool> HasStruckAsync(FaultyMachine machine, int serial)
    {
        long? arrivedAt = null;
        while (machine.Disk.ToldOf(serial).Count == 0)
        {
            if (arrivedAt is null && machine.Ledger.Missing(machine.Arrived).Count == 0)
            {
                arrivedAt = Stopwatch.GetTimestamp();
            }

            if (arrivedAt is { } at && Stopwatch.GetElapsedTime(at) > s_afterArrival)
            {
                return false;
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        return true;
    }
}
