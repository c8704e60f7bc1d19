using System.Globalization;
using System.Text.Json;

namespace Bench.Storms;

/// <summary>A class of log line.</summary>
/// <param name="Says">Its text: {0} a counter, {1} a hexadecimal id, {2} an address, {3} a duration.</param>
/// <param name="Core">The words that any name for it holds.</param>
internal sealed record LogClass(string Service, string Level, string Says, string Core)
{
    public IReadOnlyDictionary<string, string> Labels => new Dictionary<string, string> { ["alertname"] = "LogError", ["service"] = Service, ["template"] = $"*{Core}*" };
}

/// <summary>Log lines: the usual ones, the mound of a failure, and the few of another kind in it.</summary>
internal static class Logs
{
    private static readonly (string Says, string Core)[] Errors =
    [
        ("request {0} timed out after {3} ms waiting for {2}", "timed out after"), ("could not commit transaction {1}: deadlock detected", "deadlock detected"),
        ("worker {0} died: OutOfMemoryError: unable to create new native thread", "create new native thread"), ("connection to {2} refused, attempt {0}", "refused, attempt"),
        ("TLS handshake with {2} failed: certificate has expired", "certificate has expired"), ("cannot parse message {1}: unexpected end of input at byte {0}", "unexpected end of input"),
        ("disk quota exceeded writing segment {0} of {1}", "disk quota exceeded"), ("user {0} rejected: token {1} signature invalid", "signature invalid"),
        ("circuit breaker open for {2}, {0} calls dropped", "circuit breaker open"), ("NullReferenceException in price list {0}\n   at Price.Of(Item)\n   at Cart.Sum(Cart)", "in price list"),
        ("lease {1} lost to node {0}, stepping down", "stepping down"), ("no space left on device while flushing log {0}", "no space left on device"),
    ];

    private static readonly string[] Ordinary = ["GET /items/{0} 200 {3} ms", "order {0} done in {3} ms", "session {1} opened from {2}", "cache refreshed, {0} entries"];

    /// <summary>One to three services log their work, a line every 1 to 60 s, and one class of error now and then, every 30 s to 20 min.</summary>
    public static List<LogClass> Usual(Plot plot, IReadOnlyList<Service> services, Dice dice, TimeSpan until)
    {
        var known = new List<LogClass>();
        foreach (var service in services)
        {
            Write(plot, new(service.Name, "info", dice.Pick(Ordinary), ""), TimeSpan.Zero, until, dice.Spread(1, 60), null, dice);
            var (says, core) = dice.Pick(Errors);
            var error = new LogClass(service.Name, "error", says, core);
            Write(plot, error, TimeSpan.Zero, until, dice.Spread(30, 1200), null, dice);
            known.Add(error);
            plot.Allow(sent => sent.FirstBad(error, TimeSpan.Zero) is { } first ? [new(error.Labels, Named.ErrorClass, first - TimeSpan.FromSeconds(1), first + TimeSpan.FromMinutes(5), Ordinary: true)] : []);
        }
        return known;
    }

    /// <summary>
    /// While the failure lasts its root complains, 0.5 to 30 times a second and 20,000 times at most: of what it complained of now and then before, or of something else. Among that, 1 to
    /// 15 lines of a class that nobody has seen.
    /// </summary>
    public static void Mound(Plot plot, Failure failure, IReadOnlyList<LogClass> known, Dice dice)
    {
        var (pace, from) = (1 / dice.Spread(0.5, 30), failure.At + dice.Seconds(1, 120));
        var until = Sooner(failure.CuredAt, from + TimeSpan.FromSeconds(20_000 * pace));
        var before = known.FirstOrDefault(k => k.Service == failure.Root.Name);
        var classes = dice.Shuffled(Errors.Where(e => e.Core != before?.Core));
        var mound = before ?? new(failure.Root.Name, "error", classes[2].Says, classes[2].Core);
        Write(plot, mound, from, until, pace, failure.Id, dice);
        if (before is null) Appears(plot, failure, mound, from);
        else
        {
            // Ten times what it ever was, for half a minute, and once a second at least.
            var burst = TimeSpan.FromSeconds(30);
            if (pace <= 1) plot.Expect(_ => [new("faster", failure.Id, mound.Labels, Named.Faster, from, from + burst, until)]);
            plot.Allow(_ => [new(mound.Labels, [.. Named.Faster, .. Named.Back], from, until)]);
        }
        plot.Allow(_ => [new(mound.Labels, [.. Named.Faster, .. Named.Back], from, failure.CuredAt)]);
        for (var i = 0; i < dice.Whole(1, 2); i++)
        {
            var other = new LogClass(failure.Root.Name, "error", classes[i].Says, classes[i].Core);
            var at = dice.Moment(from, failure.CuredAt);
            Write(plot, other, at, failure.CuredAt, dice.Spread(1, 120), failure.Id, dice, dice.Whole(1, 15));
            Appears(plot, failure, other, at);
        }
    }

    private static void Appears(Plot plot, Failure failure, LogClass what, TimeSpan from) =>
        plot.Expect(sent => sent.FirstBad(what, from) is { } seen ? [new("error-class", failure.Id, what.Labels, Named.ErrorClass, from, seen, seen + TimeSpan.FromMinutes(10))] : []);

    /// <summary>Lines of one class at random moments, sent by a shipper every 2 s where there are more.</summary>
    private static void Write(Plot plot, LogClass what, TimeSpan from, TimeSpan until, double everySeconds, string? failure, Dice dice, int most = int.MaxValue)
    {
        var (batch, told, due) = (new List<string>(), new List<Told>(), TimeSpan.Zero);
        var at = from;
        for (var count = 0; at < until && count < most; count++, at += TimeSpan.FromSeconds(-Math.Log(1 - dice.Between(0, 1)) * everySeconds))
        {
            if (batch.Count > 0 && at > due) Ship();
            if (batch.Count == 0) due = at + TimeSpan.FromSeconds(2);
            var message = string.Format(CultureInfo.InvariantCulture, what.Says, dice.Whole(1, 99_999), dice.Hex(12), $"10.{dice.Whole(0, 255)}.{dice.Whole(0, 255)}.{dice.Whole(1, 254)}:{dice.Whole(1024, 9999)}", dice.Whole(1, 30_000));
            batch.Add($$"""{"service":"{{what.Service}}","level":"{{what.Level}}","message":{{JsonSerializer.Serialize(message)}}}""");
            told.Add(new(what, what.Level == "error" ? State.Critical : State.Ok, failure));
        }
        if (batch.Count > 0) Ship();

        void Ship()
        {
            plot.Lines.Add(new(due, "logs", string.Join('\n', batch), [.. told]));
            batch.Clear();
            told.Clear();
        }
    }

    private static TimeSpan Sooner(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
