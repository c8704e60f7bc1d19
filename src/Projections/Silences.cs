using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

public enum SilenceState : byte
{
    Active,
    Pending,
    Expired,
}

/// <summary>The silences: every scope decides each, here each is one.</summary>
public sealed class Silences : IView
{
    private const int MostExpired = 1_000;

    private readonly Dictionary<string, Silence> byId = [];

    string IView.Name => "silences";

    public IReadOnlyList<Silence> All => [.. byId.Values];

    public Silence? Find(string id) => byId.GetValueOrDefault(id);

    public static SilenceState StateOf(Silence silence, DateTimeOffset now) =>
        silence.EndsAt <= now ? SilenceState.Expired : silence.StartsAt > now ? SilenceState.Pending : SilenceState.Active;

    /// <summary>Which silences are in force at a time.</summary>
    public IReadOnlyList<Silence> ActiveAt(DateTimeOffset now) => [.. byId.Values.Where(s => StateOf(s, now) == SilenceState.Active)];

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        switch (decision)
        {
            // Scopes run apart: one may set what another has already ended.
            case Decision.SilenceSet { Silence: var set } when !byId.TryGetValue(set.Id, out var known) || set.UpdatedAt > known.UpdatedAt:
                byId[set.Id] = set;
                if (byId.Count > MostExpired) Drop(decision.At);
                break;
            case Decision.SilenceEnded ended when byId.TryGetValue(ended.Id, out var silence) && silence.EndsAt > ended.At:
                byId[ended.Id] = silence with { EndsAt = ended.At, StartsAt = Earlier(silence.StartsAt, ended.At), UpdatedAt = ended.At };
                break;
        }
    }

    void IView.Trim(DateTimeOffset before)
    {
        foreach (var (id, silence) in byId)
            if (silence.EndsAt < before) byId.Remove(id);
    }

    private void Drop(DateTimeOffset now)
    {
        var expired = byId.Values.Where(s => StateOf(s, now) == SilenceState.Expired).OrderByDescending(s => s.EndsAt)
            .ThenBy(s => s.Id, StringComparer.Ordinal);
        foreach (var silence in expired.Skip(MostExpired / 2).ToList()) byId.Remove(silence.Id);
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
