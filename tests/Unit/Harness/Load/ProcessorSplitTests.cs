using RelayProxy.Harness.Load;

namespace RelayProxy.Unit.Harness.Load;

public class ProcessorSplitTests
{
    [Fact]
    public void A_round_is_what_was_spent_between_two_moments_for_each_message()
    {
        ProcessorSplit before = Split(server: 10, standIn: 20, generator: 30, machine: 1000);
        ProcessorSplit after = Split(server: 110, standIn: 60, generator: 50, machine: 1300);

        ProcessorSplit message = (after - before) / 10;

        Assert.Equal(Split(server: 10, standIn: 4, generator: 2, machine: 30), message);
        Assert.Equal(TimeSpan.FromMilliseconds(14), message.Elsewhere);
    }

    [Fact]
    public void The_machine_is_busy_with_all_but_idling_and_waiting_and_what_is_taken_from_it()
    {
        // cpu  user nice system idle iowait irq softirq steal guest guest_nice
        Assert.Equal(TimeSpan.FromSeconds(1.11), ProcessorSplit.Busy("cpu  50 10 40 9000 800 5 6 70 50 0"));
    }

    [Theory]
    [InlineData("42 (sh) S 7 42 42 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5", 42, 7, 127)]
    [InlineData("43 (a) b (c) R 42 42 42 0 -1 4194560 1 2 3 4 1 0 0 0 20 0 1 0 5", 43, 42, 1)] // a name may hold brackets and blanks
    public void A_process_is_read_as_the_kernel_writes_it(string stat, int id, int parent, long ticks) =>
        Assert.Equal(new ProcessStat(id, parent, ticks), ProcessStat.Parse(stat));

    [Fact]
    public void A_server_is_a_process_and_all_that_descend_from_it()
    {
        ProcessStat master = new(10, 1, 100), smtpd = new(12, 10, 20), helper = new(11, 12, 3), other = new(13, 1, 1000);

        List<ProcessStat> tree = ProcessStat.Tree([helper, other, smtpd, master], master.Id);

        Assert.Equal([master, smtpd, helper], tree);
        Assert.Equal(TimeSpan.FromSeconds(1.23), ProcessStat.Sum(tree));
    }

    private static ProcessorSplit Split(int server, int standIn, int generator, int machine) => new(
        TimeSpan.FromMilliseconds(server), TimeSpan.FromMilliseconds(standIn), TimeSpan.FromMilliseconds(generator), TimeSpan.FromMilliseconds(machine));
}
