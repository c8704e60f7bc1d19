using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Log;

namespace Projections;

/// <summary>A part that nobody could understand, or an input that was set aside.</summary>
/// <param name="Input">The input's number: its raw body is in the log.</param>
public sealed record RejectedLine(
    string Id, int Scope, long Input, DateTimeOffset At, string Source, int? Index, string Field, string Problem);

/// <summary>What was kept and not understood, newest first.</summary>
public sealed class Rejected : IView
{
    private const int Most = 10_000;

    private sealed class Entry(RejectedLine line)
    {
        public readonly RejectedLine Line = line;
        public Place Place;
    }

    private readonly Dictionary<string, Entry> byId = [];
    private readonly Series<Entry> inOrder = new();
    private readonly StringPool pool = new();

    string IView.Name => "rejected";

    public Listed<RejectedLine> Page(Slice slice) => inOrder.Page(slice, newestFirst: true, static e => e.Line);

    public RejectedLine? Find(string id) => byId.GetValueOrDefault(id)?.Line;

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"rej_{scope}_{record.Version}");
        var line = decision switch
        {
            Decision.PartRejected p => new RejectedLine(
                id, scope, p.Delivery, p.At, pool.Share(p.Source)!, p.Index, pool.Share(p.Field)!, pool.Share(p.Problem)!),
            Decision.InputSetAside s => new RejectedLine(id, scope, s.Number, s.At, "", null, "", $"set aside: {s.Error}"),
            _ => null,
        };
        if (line is null) return;
        var entry = byId[id] = new(line);
        entry.Place = inOrder.Add(scope, decision.At, record.Version, entry);
        if (inOrder.Count > Most) Remove(inOrder.Walk().First().Value);
    }

    void IView.Trim(DateTimeOffset before)
    {
        foreach (var entry in byId.Values)
            if (entry.Place.Ticks < before.UtcTicks) Remove(entry);
    }

    private void Remove(Entry entry)
    {
        byId.Remove(entry.Line.Id);
        inOrder.Remove(entry.Place);
    }
}
