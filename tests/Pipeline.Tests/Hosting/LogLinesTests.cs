using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Broker;
using Pipeline.Hosting;
using Pipeline.Tests.Api;
using Xunit;

namespace Pipeline.Tests.Hosting;

public sealed class LogLinesTests
{
    [Fact]
    public void An_outage_is_one_line_with_its_cause()
    {
        var refused = new IOException("the store is away.", new InvalidOperationException("Connection refused"));
        Assert.Equal(
            "2026-03-01 12:00:00Z  ERROR  pipeline.cluster: following failed: the store is away: Connection refused\n", Written(Thrown(refused)));
        Assert.EndsWith("failed: broker b: refused user \"p\"\n", Written(Thrown(new BrokerException("broker b: refused user \"p\"", refused))));
    }

    [Fact]
    public void A_failure_of_our_own_shows_where_it_came_from() =>
        Assert.Contains(nameof(Thrown), Written(Thrown(new InvalidOperationException("no such state"))));

    private static string Written(Exception e)
    {
        using var to = new StringWriter { NewLine = "\n" };
        var entry = new LogEntry<string>(LogLevel.Error, "pipeline.cluster", 7, "following failed", e, (state, _) => state);
        new LogLines(new ManualTime(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))).Write(entry, null, to);
        return to.ToString();
    }

    private static Exception Thrown(Exception e)
    {
        try
        {
            throw e;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }
}
