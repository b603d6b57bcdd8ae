using RelayProxy.Listener;

namespace RelayProxy.Unit.Listener;

public class DescriptorBudgetTests
{
    [Theory]
    [InlineData(200, 0, 1327)]
    [InlineData(200, 100, 1427)]
    [InlineData(10_000, 0, 20_927)]
    public void F4_A_limit_below_what_the_bounds_can_need_is_a_reason_not_to_start(int connections, int others, int tooFew)
    {
        string? problem = DescriptorBudget.Check(connections, others, (ulong)tooFew);

        Assert.StartsWith($"Listener:MaxConnections is {connections}, for which {tooFew + 1} file descriptors can be needed", problem, StringComparison.Ordinal);
        Assert.Contains($"LimitNOFILE={tooFew + 1}", problem, StringComparison.Ordinal);
        Assert.Null(DescriptorBudget.Check(connections, others, (ulong)tooFew + 1));
    }

    [Fact]
    public void F4_The_limit_of_this_process_can_be_asked_for() =>
        Assert.NotNull(DescriptorBudget.Check(int.MaxValue, 0));
}
