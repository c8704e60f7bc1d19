using System.Text;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Hosting;

namespace Pipeline.Tests.Faults;

/// <summary>A life decided straight through by one decider, and the same life decided with a stop in it.</summary>
internal sealed class Lived
{
    private readonly List<InputRecord> inputs = [];
    private readonly List<DecisionRecord> decisions = [];
    private readonly Dictionary<long, SnapshotRecord> snapshots = [];
    private readonly Life life;
    private readonly string scope;

    /// <param name="snapshotAt">Inputs after which the state is saved.</param>
    public Lived(int seed, int length, string scope, params ReadOnlySpan<int> snapshotAt)
    {
        (life, this.scope) = (new(seed), scope);
        var decider = new Decider(scope, RuleSet.Default, Topology.None);
        var reader = Reader();
        for (var i = 0; i < length; i++)
        {
            var record = life.Next();
            inputs.Add(record);
            var made = Decide(decider, reader.Read(record));
            life.Learn(made);
            foreach (var decision in made) decisions.Add(DecisionCodec.Write(decision, decisions.Count + 1, record.Number));
            if (snapshotAt.Contains((int)record.Number))
                snapshots[record.Number] = new(Recovery.SnapshotName, Decider.SnapshotForm, record.Number, decisions.Count, decider.Save().ToArray());
        }
    }

    public IReadOnlyList<InputRecord> Inputs => inputs;

    public IReadOnlyList<DecisionRecord> Decisions => decisions;

    /// <summary>Stops after an input, recovers as the host does, and decides the rest; null where everything came out the same, else the first difference.</summary>
    /// <param name="snapshot">The input of the snapshot to begin with; null for the log alone.</param>
    public async Task<string?> DifferenceAfterAsync(int stop, int? snapshot = null)
    {
        var log = new RecordedLog(
            [.. inputs.Take(stop)], [.. decisions.Where(d => d.Input <= stop)], snapshot is { } at ? snapshots[at] : null);
        var reader = Reader();
        var (decider, position, _) = await new Recovery(log, reader, NullLogger.Instance).RunAsync(1, scope, CancellationToken.None);
        var decided = Math.Max(position.LastDecided, decider.LastInput);
        for (var i = (int)decided; i < inputs.Count; i++)
        {
            var again = Decide(decider, reader.Read(inputs[i])).Select(d => Line(DecisionCodec.Write(d, 0, inputs[i].Number))).ToList();
            var first = decisions.Where(d => d.Input == inputs[i].Number).Select(Line).ToList();
            if (!again.SequenceEqual(first)) return Difference(i, first, again);
        }
        return null;
    }

    /// <summary>The state as recovered after an input, saved.</summary>
    /// <param name="while">How many inputs another records and decides while it is being read.</param>
    public async Task<byte[]> RecoveredAsync(int stop, int @while)
    {
        var stood = await LogOf(stop).PositionAsync(1, CancellationToken.None);
        var (decider, _, _) = await new Recovery(LogOf(stop + @while, stood), Reader(), NullLogger.Instance).RunAsync(1, scope, CancellationToken.None);
        return decider.Save().ToArray();

        RecordedLog LogOf(int until, LogPosition? position = null) =>
            new([.. inputs.Take(until)], [.. decisions.Where(d => d.Input <= until)]) { Stood = position };
    }

    /// <summary>
    /// Decides the same inputs with ticks between them, as an owner records them when something falls due, and some that nobody needed;
    /// null where the same was decided at the same moments, else the first difference.
    /// </summary>
    public string? DifferenceWithTicks(Random random)
    {
        var (decider, reader) = (new Decider(scope, RuleSet.Default, Topology.None), Reader());
        var (again, number, before) = (new List<string>(), 0L, inputs[0].At);
        foreach (var record in inputs)
        {
            // Nobody ticks while nobody listens.
            var listens = record.Kind != InputKind.Blind;
            for (var due = decider.NextDue; listens && due is { } at && at < record.At && random.Next(4) > 0; due = decider.NextDue) Tick(at > before ? at : before);
            if (listens && record.At > before && random.Next(10) == 0) Tick(before.AddMilliseconds(random.NextInt64((long)(record.At - before).TotalMilliseconds)));
            // The ids of incidents tell the input: it keeps the number it had.
            again.AddRange(Decide(decider, reader.Read(record)).Select(Line));
            before = record.At;
        }
        var first = decisions.Select(Line).ToList();
        var same = first.Zip(again).TakeWhile(p => p.First == p.Second).Count();
        return same == first.Count && same == again.Count ? null
            : $"\n  decided without ticks: {Show(first, same)}\n  decided with ticks:    {Show(again, same)}";

        void Tick(DateTimeOffset at)
        {
            again.AddRange(decider.Decide(new Input.Tick { Number = --number, At = at }).Select(Line));
            before = at;
        }
    }

    public InputReader Reader() => new(scope, new IngestLimits());

    public static string Line(DecisionRecord record) => $"{record.Type} {Encoding.UTF8.GetString(record.Data.Span)}";

    private static string Line(Decision decision) => Line(DecisionCodec.Write(decision, 0, 0));

    private IReadOnlyList<Decision> Decide(Decider decider, Input input) =>
        life.SetAside.Contains(input.Number) ? decider.SetAside(input, "the decider failed on it twice") : decider.Decide(input);

    private string Difference(int at, List<string> first, List<string> again)
    {
        var same = first.Zip(again).TakeWhile(p => p.First == p.Second).Count();
        var input = inputs[at];
        return $"input {input.Number} ({input.Kind} at {input.At:O}): {Encoding.UTF8.GetString(input.Body.Span)}\n" +
            $"  decided straight through: {Show(first, same)}\n  decided after the stop:   {Show(again, same)}";
    }

    private static string Show(List<string> lines, int from) =>
        from < lines.Count ? string.Join("\n    ", lines.Skip(from).Take(3)) : "(nothing more)";
}
