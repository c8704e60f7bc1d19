using Dedupe.Deciding;
using Dedupe.Templates;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>Which log lines are the same error.</summary>
public sealed class LogTemplateTests
{
    private static Story Lines(Story story, params string[] messages)
    {
        foreach (var message in messages) story.Deliver(Line(story, message));
        return story;
    }

    private static Alert Line(Story story, string message) =>
        story.Alert("LogError", ("service", "shop")) with { Severity = Severity.Critical, Summary = message, LogMessage = StackTraces.Essence(message) };

    private static int Classes(params string[] messages) => Lines(Story.WithHistory(), messages).Surfaced.Count();

    [Theory]
    [InlineData("cannot reach 10.0.0.7:5432 after 12 ms", "cannot reach 10.2.0.9:5433 after 3 seconds")]
    [InlineData("block blk_-1608999687919862906 lost by node-12", "block blk_77 lost by node-3")]
    [InlineData("user=ada failed login from db-1.example.org", "user=grace failed login from db-2.example.org")]
    [InlineData("GET /orders/4711?x=1 took 12ms", "GET /orders/9/items took 3ms")]
    [InlineData("pages 1 2 3 are dirty", "pages 7 8 9 10 11 are dirty")]
    [InlineData("request 3f2504e0-4f89-11d3-9a0c-0305e82c3301 failed", "request 0fdcba98-4f89-11d3-9a0c-0305e82c3302 failed")]
    public void Lines_that_differ_in_which_one_are_one_class(string one, string other) => Assert.Equal(1, Classes(one, other));

    [Theory]
    [InlineData("cannot open the file", "cannot close the file")]
    [InlineData("state is UP", "state is DOWN")]
    [InlineData("java.io.IOException: broken pipe", "java.lang.OutOfMemoryError: heap space")]
    public void Lines_that_differ_in_what_happened_are_two(string one, string other) => Assert.Equal(2, Classes(one, other));

    private const string Trace = "cannot place the order\njava.lang.IllegalStateException: no stock\n\tat shop.Cart.place(Cart.java:81)\nCaused by: java.net.ConnectException: refused\n\t... 23 more";

    [Fact]
    public void A_stack_trace_in_one_message_is_one_error_and_its_cause_tells_it_from_another()
    {
        Assert.Equal(1, Classes(Trace, Trace.Replace("Cart.java:81", "Cart.java:92")));
        Assert.Equal(2, Classes(Trace, Trace.Replace("ConnectException: refused", "SocketTimeoutException: read timed out")));
    }

    [Theory]
    [InlineData(Trace)]
    [InlineData("Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\n    place()\nValueError: no stock")]
    [InlineData("Unhandled exception. System.InvalidOperationException: no stock\n   at Shop.Cart.Place() in /src/Cart.cs:line 81\n   at Shop.Program.Main()")]
    [InlineData("panic: no stock\n\ngoroutine 1 [running]:\nmain.place(0x1)\n\t/src/main.go:81 +0x1b\nexit status 2")]
    [InlineData("TypeError: no stock\n    at place (/src/cart.js:81:9)\n    at Object.<anonymous> (/src/main.js:3:1)")]
    public void A_stack_trace_line_by_line_is_one_error(string trace)
    {
        var lines = trace.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1, Classes(lines));
        var story = Story.WithHistory();
        story.Deliver([.. lines.Select(line => Line(story, line))]);
        Assert.Equal(1, Assert.Single(story.Surfaced).Count);
    }

    [Fact]
    public void The_first_fact_in_a_mound_of_lines_is_named_once()
    {
        var story = Story.WithHistory();
        var random = new Random(7);
        string[] kinds = ["order {0} of user u{1} timed out after {2} ms", "cannot reach node-{0} at 10.0.{1}.{2}", "retry {0} of {1} for queue q{2}", "slow query: {0} rows in {1} ms on shard-{2}"];
        string Noise() => string.Format(System.Globalization.CultureInfo.InvariantCulture, kinds[random.Next(kinds.Length)], random.Next(99_999), random.Next(255), random.Next(255));
        for (var i = 0; i < 100; i++) story.At(i).Deliver([.. Enumerable.Range(0, 100).Select(_ => Line(story, Noise()))]);
        story.Forget();
        for (var i = 100; i < 1_000; i++)
            story.At(i).Deliver([.. Enumerable.Range(0, 100).Select(n => Line(story, (i is 500 or 501 && n == 50) ? $"no worker thread left for order {i}" : Noise()))]);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((Reason.NewErrorClass, "no worker thread left for order <*>"), (change.Reason, change.Labels["template"]));
        Assert.True(Assert.Single(story.Pages).At - change.At <= TimeSpan.FromSeconds(2));
    }
}
