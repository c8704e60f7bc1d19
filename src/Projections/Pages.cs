using System.Text;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>A page as readers get it; its body is in the log under <paramref name="Version"/>.</summary>
public sealed record PageLine(
    string Id, int Scope, long Version, string Pager, IncidentId Incident, string Kind, bool Urgent, DateTimeOffset At, PageState State,
    int Attempts,
    string? Answer, DateTimeOffset? AnsweredAt, string Text);

/// <summary>What was decided to be told, and what became of it, newest first.</summary>
public sealed class Pages : IView
{
    private const int MostDone = 10_000, MostEarly = 100_000;

    private sealed class Entry
    {
        public required PageLine Line;
        public Place Place;
    }

    private readonly Dictionary<string, Entry> byId = [];
    private readonly Series<Entry> inOrder = new();
    private readonly Queue<string> done = new();
    private readonly Dictionary<string, OutcomeRecord> early = [];
    private readonly StringPool pool = new();

    string IView.Name => "pages";

    public Listed<PageLine> Page(Slice slice, Func<PageLine, bool> fits) =>
        inOrder.Page(slice, newestFirst: true, e => fits(e.Line) ? e.Line : null);

    public PageLine? Find(string id) => byId.GetValueOrDefault(id)?.Line;

    public int Count(PageState state) => byId.Values.Count(e => e.Line.State == state);

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is not Decision.PageDecided page) return;
        var line = new PageLine(
            page.Page, scope, record.Version, pool.Share(page.Pager)!, page.Incident, pool.Share(page.Kind)!, page.Urgent, page.At,
            PageState.Owed, 0,
            null, null, TextOf(page.Body));
        var entry = byId[page.Page] = new() { Line = line };
        entry.Place = inOrder.Add(scope, page.At, record.Version, entry);
        if (early.Remove(page.Page, out var outcome)) Fold(entry, outcome);
    }

    // On a start the outcomes may be read before the decisions.
    void IView.Fold(OutcomeRecord outcome)
    {
        if (byId.TryGetValue(outcome.PageId, out var entry)) Fold(entry, outcome);
        else if (early.Count < MostEarly || early.ContainsKey(outcome.PageId)) early[outcome.PageId] = outcome;
    }

    void IView.Trim(DateTimeOffset before)
    {
        foreach (var entry in byId.Values)
            if (entry.Line.State is PageState.Sent or PageState.Undeliverable && entry.Line.At < before) Remove(entry);
    }

    // The line that a person reads; the rest of the body stays in the log.
    private static string TextOf(string body)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(body));
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("text"u8))
                    return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            }
        }
        catch (JsonException)
        {
            // A body that is not JSON has no line to show, and is sent as it is.
        }
        return "";
    }

    private void Fold(Entry entry, OutcomeRecord outcome)
    {
        var wasDone = entry.Line.State == PageState.Sent;
        entry.Line = entry.Line with
        {
            State = outcome.State, Attempts = outcome.Attempts, Answer = pool.Share(outcome.Answer), AnsweredAt = outcome.At,
        };
        if (wasDone || outcome.State != PageState.Sent) return;
        done.Enqueue(outcome.PageId);
        if (done.Count > MostDone && byId.TryGetValue(done.Dequeue(), out var oldest) && oldest.Line.State == PageState.Sent)
            Remove(oldest);
    }

    private void Remove(Entry entry)
    {
        byId.Remove(entry.Line.Id);
        inOrder.Remove(entry.Place);
    }
}
