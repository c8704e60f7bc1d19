using global::Stores.EventStore;
using Xunit;

namespace Pipeline.Tests.Stores.EventStore;

public sealed class EventStoreAddressTests
{
    [Fact]
    public void An_address_says_host_port_encryption_user_and_prefix()
    {
        Assert.Equal(new("db", 2113, true, "pipeline", null), EventStoreAddress.Parse(new("esdb://db")));
        Assert.Equal(
            new("10.0.0.1", 2114, false, "shop-eu", "Basic YWRhOnA6dw=="),
            EventStoreAddress.Parse(new("kurrentdb://ada:p%3Aw@10.0.0.1:2114?tls=false&prefix=shop-eu")));
    }

    [Theory]
    [InlineData("http://db:2113", "http")]
    [InlineData("esdb+discover://db:2113", "esdb+discover")]
    [InlineData("esdb://db:2113/path", "/path")]
    [InlineData("esdb://db?tls=no", "tls=no")]
    [InlineData("esdb://db?prefix=$all", "prefix=$all")]
    [InlineData("esdb://db?nodePreference=leader", "nodePreference")]
    public void A_mistake_is_named(string address, string named)
    {
        var refused = Assert.Throws<FormatException>(() => EventStoreAddress.Parse(new(address)));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }
}
