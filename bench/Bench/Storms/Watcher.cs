using System.Globalization;
using System.Text.Json.Nodes;

namespace Bench.Storms;

/// <summary>A monitoring system: sees its signals a little later than they turn, and sends them in its own way.</summary>
internal abstract class Watcher(Dice dice)
{
    public List<Signal> Signals { get; } = [];

    protected Dice Dice => dice;

    /// <summary>The labels by which a check is known, without those that change.</summary>
    public abstract IReadOnlyDictionary<string, string> Labels(Check check);

    /// <summary>True where it is sent again and again while it fires, at equal times: then its silence says something. After how long is <paramref name="every"/>.</summary>
    public virtual bool SendsAgain(out TimeSpan every)
    {
        every = default;
        return false;
    }

    /// <summary>All that it sends up to the end.</summary>
    public IEnumerable<Line> Lines(DateTimeOffset start, TimeSpan end) => Send(start, end).OrderBy(l => l.At);

    protected abstract IEnumerable<Line> Send(DateTimeOffset start, TimeSpan end);

    protected static JsonObject Object(IReadOnlyDictionary<string, string> labels)
    {
        var json = new JsonObject();
        foreach (var (name, value) in labels) json[name] = value;
        return json;
    }

    protected static string Time(DateTimeOffset start, TimeSpan at) => (start + at).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    protected static string Word(State state) => state == State.Critical ? "critical" : "warning";

    protected static TimeSpan Sooner(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Which of some signals are bad, by what is seen some time later.</summary>
    protected static TimeSpan? NextTurn(IEnumerable<Signal> signals, TimeSpan after) =>
        signals.SelectMany(s => s.Turns).Where(t => t > after).Select(t => (TimeSpan?)t).DefaultIfEmpty(null).Min();
}
