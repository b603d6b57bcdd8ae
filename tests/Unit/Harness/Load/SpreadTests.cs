using RelayProxy.Harness.Load;

namespace RelayProxy.Unit.Harness.Load;

public class SpreadTests
{
    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, "2.0 (1.0 to 3.0)")]
    [InlineData(new[] { 4.0, 1, 2, 3 }, "2.5 (1.0 to 4.0)")]      // of an even number the two in the middle count
    [InlineData(new[] { 1.0, 1000, 1, 1 }, "1.0 (1.0 to 1,000.0)")] // one bad round spoils the spread, not the figure
    [InlineData(new[] { 7.0 }, "7.0 (7.0 to 7.0)")]
    public void It_tells_the_middle_the_least_and_the_most(double[] values, string told) =>
        Assert.Equal(told, Spread.Of(values).ToString());

    [Fact]
    public void Ratios_are_of_rounds_that_stood_side_by_side()
    {
        // Half the machine was away in the second round: both were half as fast.
        Spread ratios = Spread.OfRatios([1000, 500, 1100], [100, 50, 100]);

        Assert.Equal(new Spread(10, 10, 11), ratios);
    }
}
