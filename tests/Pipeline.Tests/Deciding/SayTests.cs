using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>An alert in a few words.</summary>
public sealed class SayTests
{
    [Theory]
    [InlineData("alertname=HostDown host=web-1", "HostDown on web-1")]
    [InlineData("alertname=HTTP host=web-1 service=shop", "HTTP on web-1 (shop)")]
    [InlineData("host=localhost service=MySQL", "MySQL on localhost")]
    [InlineData("host=localhost zone=a", "localhost")]
    [InlineData("service=orders", "orders")]
    [InlineData("", "alert")]
    public void A_name_says_what_and_where(string labels, string said) =>
        Assert.Equal(said, Say.Name(LabelSet.From(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')).Select(l => KeyValuePair.Create(l[0], l[1])))));
}
