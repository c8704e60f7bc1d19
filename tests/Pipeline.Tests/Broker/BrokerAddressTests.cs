using Pipeline.Broker;
using Xunit;

namespace Pipeline.Tests.Broker;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("amqp://mq", "amqp://mq:5672", "guest", "guest", "/")]
    [InlineData("amqp://mq/", "amqp://mq:5672", "guest", "guest", "/")]
    [InlineData("amqp://mq/%2F", "amqp://mq:5672", "guest", "guest", "/")]
    [InlineData("amqps://u:p%40w@mq-1,mq-2:5673,[::1]/alerts", "amqps://mq-1:5671,mq-2:5673,[::1]:5671/alerts", "u", "p@w", "alerts")]
    public void An_address_is_read_and_shown_without_its_password(string text, string shown, string user, string password, string virtualHost)
    {
        var address = BrokerAddress.Parse(text, out var problem);
        Assert.Null(problem);
        Assert.NotNull(address);
        Assert.Equal((shown, user, password, virtualHost), (address.ToString(), address.User, address.Password, address.VirtualHost));
    }

    [Theory]
    [InlineData("http://mq", "amqp://")]
    [InlineData("mq:5672", "amqp://")]
    [InlineData("amqp://", "host")]
    [InlineData("amqp://mq-1,,mq-2", "host")]
    [InlineData("amqp://mq:port", "host")]
    [InlineData("amqp://u:secret@mq:99999", "mq:99999")]
    [InlineData("amqp://mq/a/b", "virtual host")]
    public void What_is_wrong_with_an_address_is_said_without_its_password(string text, string says)
    {
        Assert.Null(BrokerAddress.Parse(text, out var problem));
        Assert.Contains(says, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }
}
