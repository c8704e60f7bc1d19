using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>Which components begin to alert within a minute of each other, time after time: likely edges that nobody declared.</summary>
/// <remarks>A statistic. A component begins when something on it begins an episode after ten minutes in which nothing did.</remarks>
internal sealed class FiresTogether
{
    private const long Quiet = 10 * 60_000, Together = 60_000;
    private const int MostPlaces = 100_000, MostBegun = 64, MostPartners = 32;

    /// <summary>Components whose partners are learned: each takes 2 KiB, and 100,000 hosts that break together would take 200 MiB.</summary>
    private const int MostLearned = 4_000;
    private int learned;

    /// <summary>So often at least, and in most of the episodes of both.</summary>
    private const int Least = 3;
    private const double Mostly = 0.6;

    private readonly Dictionary<string, Habit> places = new(StringComparer.Ordinal);
    private readonly List<(long At, string Place)> begun = [];

    internal sealed class Habit
    {
        public long LastBegin = -1;
        public int Episodes;
        public int Identities;

        /// <summary>Null until it began together with another, and beyond so many components for ever.</summary>
        public Dictionary<string, Pair>? Partners;
    }

    /// <summary>How often it began together with a partner, and when it last did.</summary>
    internal readonly record struct Pair(int Times, long LastAt);

    public IReadOnlyDictionary<string, Habit> Places => places;

    public IReadOnlyList<(long At, string Place)> Begun => begun;

    /// <summary>One identity more is on the component.</summary>
    public void Has(string? place)
    {
        if (place is null) return;
        if (places.TryGetValue(place, out var habit)) habit.Identities++;
        else if (places.Count < MostPlaces) places[place] = new() { Identities = 1 };
    }

    /// <summary>One is forgotten: with the last of them the component is.</summary>
    public void Left(string? place)
    {
        if (place is null || !places.TryGetValue(place, out var habit) || --habit.Identities > 0) return;
        places.Remove(place);
        if (habit.Partners is not null) learned--;
        begun.RemoveAll(b => b.Place == place);
    }

    /// <summary>Something on the component begins an episode.</summary>
    public void Begin(string place, long at)
    {
        if (!places.TryGetValue(place, out var habit)) return;
        var quiet = habit.LastBegin < 0 || at - habit.LastBegin >= Quiet;
        habit.LastBegin = at;
        if (!quiet) return;
        habit.Episodes++;
        begun.RemoveAll(b => at - b.At > Together || b.Place == place);
        foreach (var (_, other) in begun)
        {
            Note(habit, other, at);
            if (places.TryGetValue(other, out var known)) Note(known, place, at);
        }
        if (begun.Count >= MostBegun) begun.RemoveAt(0);
        begun.Add((at, place));
    }

    /// <summary>Those it is learned to fire with, and in how many of its episodes; most often first.</summary>
    public IEnumerable<(string Place, int Times, int Of)> With(string place)
    {
        if (!places.TryGetValue(place, out var habit) || habit.Partners is null) return [];
        return habit.Partners
            .Where(p => IsLearned(habit, p.Key, p.Value))
            .OrderByDescending(p => p.Value.Times).ThenBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => (p.Key, p.Value.Times, habit.Episodes));
    }

    /// <summary>All that is learned, for people to see: each pair once, most often first.</summary>
    public LearnedEdges Edges()
    {
        var edges = new List<LearnedEdge>();
        foreach (var (place, habit) in places)
        {
            if (habit.Partners is null) continue;
            foreach (var (other, pair) in habit.Partners)
            {
                if (!IsLearned(habit, other, pair)) continue;
                var partner = places[other];
                // Both know of it, where neither had too many partners to remember it.
                if (string.CompareOrdinal(place, other) > 0 && partner.Partners is { } back && back.TryGetValue(place, out var same) && IsLearned(partner, place, same)) continue;
                var (one, two) = string.CompareOrdinal(place, other) < 0 ? (place, other) : (other, place);
                edges.Add(new(one, two, pair.Times, Math.Max(habit.Episodes, partner.Episodes), pair.LastAt.ToTime()));
            }
        }
        return new(
            [.. edges.OrderByDescending(e => e.Times).ThenBy(e => e.Of).ThenBy(e => e.One, StringComparer.Ordinal).ThenBy(e => e.Other, StringComparer.Ordinal).Take(LearnedEdges.Most)],
            edges.Count);
    }

    private bool IsLearned(Habit habit, string other, Pair pair) =>
        pair.Times >= Least && places.TryGetValue(other, out var partner) && pair.Times >= Mostly * Math.Max(habit.Episodes, partner.Episodes);

    public void Restore(string place, Habit habit)
    {
        places[place] = habit;
        if (habit.Partners is not null) learned++;
    }

    public void Restore(long at, string place) => begun.Add((at, place));

    private void Note(Habit habit, string other, long at)
    {
        if (habit.Partners is null)
        {
            if (learned >= MostLearned) return;
            habit.Partners = new(StringComparer.Ordinal);
            learned++;
        }
        if (habit.Partners.TryGetValue(other, out var pair)) habit.Partners[other] = new(pair.Times + 1, at);
        else if (habit.Partners.Count < MostPartners) habit.Partners[other] = new(1, at);
        else if (RarestOf(habit.Partners) is { } rare)
        {
            habit.Partners.Remove(rare);
            habit.Partners[other] = new(1, at);
        }
    }

    /// <summary>Of those it began with once, the first by name; null where it began with each more often.</summary>
    private static string? RarestOf(Dictionary<string, Pair> partners)
    {
        string? first = null;
        foreach (var (name, pair) in partners)
            if (pair.Times == 1 && (first is null || string.CompareOrdinal(name, first) < 0)) first = name;
        return first;
    }
}
