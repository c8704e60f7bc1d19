using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
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

    [Fact]
    public void An_outage_is_said_when_it_begins_and_once_in_a_while_and_again_when_it_is_another()
    {
        var time = new FakeTimeProvider(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var lines = new LogLines(time);
        var written = new List<string>();
        for (var second = 0; second < 310; second++, time.Advance(TimeSpan.FromSeconds(1)))
            if (Written(Thrown(new IOException("the store is away")), lines, $"not read, attempt {second}") is { Length: > 0 } line) written.Add(line);
        Assert.Equal(2, written.Count);
        Assert.EndsWith("not read, attempt 300: the store is away (299 times more since this was last said)\n", written[1]);
        Assert.NotEmpty(Written(Thrown(new IOException("the store is away")), lines, "not appended"));
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.EndsWith("not read, attempt 1: the store is away\n", Written(Thrown(new IOException("the store is away")), lines, "not read, attempt 1"));
        // What is ours to mend is never kept back.
        for (var i = 0; i < 2; i++) Assert.NotEmpty(Written(Thrown(new InvalidOperationException("no such state")), lines));
    }

    private static string Written(Exception e, LogLines? lines = null, string text = "following failed")
    {
        using var to = new StringWriter { NewLine = "\n" };
        var entry = new LogEntry<string>(LogLevel.Error, "pipeline.cluster", 7, text, e, (state, _) => state);
        (lines ?? new(new ManualTime(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)))).Write(entry, null, to);
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
