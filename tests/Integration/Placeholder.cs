namespace RelayProxy.Integration; public class PlaceholderTests { [Fact] public void One_is_one() => Assert.Equal(1, int.Parse("1", System.Globalization.CultureInfo.InvariantCulture)); }
