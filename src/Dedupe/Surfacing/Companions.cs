using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>
/// Which identities begin their episodes together with one, within <see cref="WithinMs"/>, and in how many of its episodes. An echo is what
/// nearly always begins with another; alone is what never began without the other and does now.
/// </summary>
/// <remarks>A statistic: learned from inputs only. By fingerprint, so that what is forgotten is not held.</remarks>
internal sealed class Companions
{
    public const long WithinMs = 5_000;

    /// <summary>More than these begin together in a storm only, where nobody is a companion.</summary>
    public const int Most = 8;

    /// <summary>Nearly always: of ten episodes eight.</summary>
    private const double Nearly = 0.75;

    private readonly Companion[] known = new Companion[Most];
    private int count;

    public ReadOnlySpan<Companion> Known => known.AsSpan(0, count);

    /// <summary>Notes that <paramref name="other"/> begins with this one's present episode, the <paramref name="episode"/>th.</summary>
    public void Note(Fingerprint other, int episode)
    {
        for (var i = 0; i < count; i++)
        {
            if (known[i].Other != other) continue;
            if (known[i].Last != episode) known[i] = new(other, known[i].Times + 1, episode);
            return;
        }
        if (count < Most) known[count++] = new(other, 1, episode);
        else if (Least() is var least && known[least].Times == 1) known[least] = new(other, 1, episode);
    }

    public void Add(Companion companion) => known[count++] = companion;

    public void Forget(Fingerprint other)
    {
        for (var i = 0; i < count; i++)
            if (known[i].Other == other) known[i--] = known[--count];
    }

    /// <summary>True where <paramref name="other"/> began with nearly all of the episodes before the present one.</summary>
    public bool NearlyAlways(Fingerprint other, int episodesBefore)
    {
        foreach (var companion in Known)
            if (companion.Other == other) return companion.Times >= Nearly * episodesBefore;
        return false;
    }

    /// <summary>One that began with every episode before the present one; null when there is none, or when one of them is here this time.</summary>
    public Fingerprint? Missing(int episode)
    {
        Fingerprint? missing = null;
        foreach (var companion in Known)
        {
            var here = companion.Last == episode;
            if (companion.Times - (here ? 1 : 0) < episode - 1) continue;
            if (here) return null;
            missing ??= companion.Other;
        }
        return missing;
    }

    /// <summary>The one that gives way: seen least often, and of these the longest ago.</summary>
    private int Least()
    {
        var least = 0;
        for (var i = 1; i < count; i++)
            if ((known[i].Times, known[i].Last).CompareTo((known[least].Times, known[least].Last)) < 0) least = i;
        return least;
    }
}

/// <param name="Times">Episodes with which it began.</param>
/// <param name="Last">The last of them, counted from 1.</param>
internal readonly record struct Companion(Fingerprint Other, int Times, int Last);

/// <summary>The last few episodes that began, oldest first: who may be together with the next one.</summary>
internal sealed class LastBegun
{
    private readonly List<(long At, IdentityState Identity)> begun = new(Companions.Most + 2);

    public IReadOnlyList<(long At, IdentityState Identity)> All => begun;

    /// <summary>Those that began at most <see cref="Companions.WithinMs"/> before <paramref name="at"/>, one more than <see cref="Companions.Most"/> at most.</summary>
    public IEnumerable<IdentityState> Since(long at) => begun.Where(b => at - b.At <= Companions.WithinMs).Select(b => b.Identity);

    /// <summary>An episode begins: it and those that began just before are together, unless it is a crowd.</summary>
    public void Begin(IdentityState identity, long at)
    {
        begun.RemoveAll(b => at - b.At > Companions.WithinMs || b.Identity == identity);
        if (begun.Count <= Companions.Most)
            foreach (var (_, other) in begun)
            {
                (identity.Companions ??= new()).Note(other.Fingerprint, identity.Episodes.Ever);
                (other.Companions ??= new()).Note(identity.Fingerprint, other.Episodes.Ever);
            }
        else begun.RemoveAt(0);
        begun.Add((at, identity));
    }

    public void Restore(long at, IdentityState identity) => begun.Add((at, identity));

    public void Forget(IdentityState identity) => begun.RemoveAll(b => b.Identity == identity);
}
