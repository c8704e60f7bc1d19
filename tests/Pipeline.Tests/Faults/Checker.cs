using System.Text;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Pipeline.Tests.Projections;
using Projections;

namespace Pipeline.Tests.Faults;

/// <summary>
/// Knows every alert that was accepted and every page that was received, and says what the log holds against it once everything has come to
/// rest. Each alert that counts carries a label <c>one</c> that no other has, and is sent once, or again only under the same key.
/// </summary>
/// <remarks>Many threads may tell it what happened; who asks waits until they have ended.</remarks>
internal sealed class Checker
{
    private readonly Lock gate = new();
    private readonly HashSet<string> accepted = [], refused = [], listed = [];
    private readonly List<(string Page, string Body)> received = [];
    private readonly List<string> acts = [];

    /// <summary>Pagers that take nothing: what they are owed is to be waiting, and not to be received.</summary>
    public IReadOnlySet<string> Down { get; init; } = new HashSet<string>();

    /// <summary>Alerts that had a 2xx.</summary>
    public int AcceptedCount
    {
        get
        {
            lock (gate) return accepted.Count;
        }
    }

    /// <summary>One that was accepted and is not among these; null where none is missing.</summary>
    public string? Missing(IReadOnlySet<string> found)
    {
        lock (gate) return accepted.FirstOrDefault(o => !found.Contains(o) && !listed.Contains(o));
    }

    /// <summary>It had a 2xx: from now on it is to be found, once.</summary>
    public void Accepted(string one)
    {
        lock (gate) accepted.Add(one);
    }

    /// <summary>It had no 2xx: it may be there once all the same.</summary>
    public void Refused(string one)
    {
        lock (gate) refused.Add(one);
    }

    /// <summary>It is a dead letter, and shown as such.</summary>
    public void Listed(string one)
    {
        lock (gate) listed.Add(one);
    }

    /// <summary>A pager received a page.</summary>
    public void Received(string page, ReadOnlySpan<byte> body)
    {
        lock (gate) received.Add((page, Encoding.UTF8.GetString(body)));
    }

    /// <summary>Who asked for an act was told that it is decided.</summary>
    public void Answered(ReadOnlySpan<byte> act)
    {
        lock (gate) acts.Add(Encoding.UTF8.GetString(act));
    }

    /// <summary>What does not hold, in words; empty where everything does.</summary>
    /// <param name="live">Views that followed the log while it was written; null where nobody can be asked.</param>
    public async Task<IReadOnlyList<string>> ProblemsAsync(ILog log, Views? live = null)
    {
        var problems = new List<string>();
        var found = new Found();
        foreach (var (scope, name) in await log.ScopesAsync(CancellationToken.None))
        {
            await foreach (var record in log.ReadDecisionsAsync(scope, 1, CancellationToken.None)) found.Fold(scope, record, DecisionCodec.Read(record), problems);
            await foreach (var input in log.ReadInputsAsync(scope, 1, CancellationToken.None))
                if (input.Kind == InputKind.Act) found.Acts.Add(Encoding.UTF8.GetString(input.Body.Span));
            if (await LogCheck.DifferenceAsync(log, scope, name, (_, _) => { }) is { } difference) problems.Add($"not as in a replay: {difference}");
        }
        var givenUp = new HashSet<string>();
        await foreach (var outcome in log.ReadOutcomesAsync(CancellationToken.None))
        {
            found.Rebuilt.Fold(outcome);
            if (outcome.State == PageState.Undeliverable) givenUp.Add(outcome.PageId);
        }
        lock (gate)
        {
            Observed(found, problems);
            Paged(found.Pages, givenUp, problems);
            problems.AddRange(acts.Where(a => !found.Acts.Contains(a)).Select(a => $"answered and not recorded: {a}"));
        }
        if (live is not null && live.Stopped.Count > 0) problems.Add($"a view stopped: {live.Stopped.First()}");
        if (live is not null && Difference(ViewsText.Of(live), ViewsText.Of(found.Rebuilt)) is { } other) problems.Add(other);
        return problems;
    }

    private void Observed(Found found, List<string> problems)
    {
        foreach (var one in accepted.Where(o => !listed.Contains(o) && !found.Ones.ContainsKey(o))) problems.Add($"alert {one} was accepted and is lost");
        foreach (var (one, (fingerprint, times)) in found.Ones)
        {
            if (times > 1) problems.Add($"alert {one} was decided {times} times as new");
            if (found.Repeated.Contains(fingerprint)) problems.Add($"alert {one} was sent once and counted again");
            if (!accepted.Contains(one) && !refused.Contains(one) && !listed.Contains(one)) problems.Add($"alert {one} was never sent");
        }
    }

    private void Paged(Dictionary<string, (string Pager, string Lane, string Body, int Order)> pages, HashSet<string> givenUp, List<string> problems)
    {
        var seen = new HashSet<string>();
        var last = new Dictionary<string, int>();
        foreach (var (id, body) in received)
        {
            if (!pages.TryGetValue(id, out var page))
            {
                problems.Add($"page {id} was received and never decided");
                continue;
            }
            if (page.Body != body) problems.Add($"page {id} has two contents: {page.Body} and {body}");
            // One that was given up blocks nothing behind it, and comes whenever somebody tries it again.
            if (!seen.Add(id) || givenUp.Contains(id)) continue;
            if (last.TryGetValue(page.Lane, out var before) && before > page.Order) problems.Add($"page {id} came after a later one of {page.Lane}");
            last[page.Lane] = page.Order;
        }
        problems.AddRange(pages.Where(p => !Down.Contains(p.Value.Pager)).Select(p => p.Key).Where(p => !seen.Contains(p) && !givenUp.Contains(p)).Select(p => $"page {p} was decided and never received"));
    }

    private static string? Difference(string live, string rebuilt)
    {
        if (live == rebuilt) return null;
        var at = Math.Max(0, live.Zip(rebuilt).TakeWhile(p => p.First == p.Second).Count() - 60);
        return $"views are not as rebuilt: ...{Cut(live)}\n  rebuilt: ...{Cut(rebuilt)}";

        string Cut(string text) => text[Math.Min(at, text.Length)..Math.Min(at + 300, text.Length)];
    }

    /// <summary>What the log holds.</summary>
    private sealed class Found
    {
        private readonly Dictionary<int, long> inputs = [];

        public Views Rebuilt { get; } = new();
        public Dictionary<string, (Fingerprint Fingerprint, int Times)> Ones { get; } = [];
        public HashSet<Fingerprint> Repeated { get; } = [];
        public Dictionary<string, (string Pager, string Lane, string Body, int Order)> Pages { get; } = [];
        public HashSet<string> Acts { get; } = [];

        public void Fold(int scope, DecisionRecord record, Decision decision, List<string> problems)
        {
            Rebuilt.Fold(scope, record, decision);
            if (inputs.GetValueOrDefault(scope) > record.Input) problems.Add($"scope {scope}: decision {record.Version} goes back to input {record.Input}: two have decided");
            inputs[scope] = record.Input;
            switch (decision)
            {
                case Decision.AlertDecided alert when alert.Labels is { } labels && labels["one"] is { } one:
                    Ones[one] = (alert.Fingerprint, Ones.GetValueOrDefault(one).Times + 1);
                    break;
                case Decision.RepeatsCounted repeats: Repeated.UnionWith(repeats.Items.Select(i => i.Fingerprint)); break;
                case Decision.PageDecided page:
                    if (!Pages.TryAdd(page.Page, (page.Pager, $"{page.Incident.Value} to {page.Pager}", page.Body, Pages.Count))) problems.Add($"page {page.Page} was decided twice");
                    break;
                default: break; // nothing that anybody outside was promised
            }
        }
    }
}
