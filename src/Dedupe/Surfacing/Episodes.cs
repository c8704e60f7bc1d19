namespace Dedupe.Surfacing;

/// <summary>How often something was active: episodes, not alerts, so that a storm teaches nothing false. Halves every week.</summary>
internal struct Episodes
{
    private const double HalfLifeMs = 7 * 24 * 3600_000.0;

    /// <summary>Decayed count as of <see cref="CountedAt"/>.</summary>
    public double Count;
    public long CountedAt;

    /// <summary>Episodes ever, undecayed.</summary>
    public int Ever;

    public void Begin(long at)
    {
        Count = At(at) + 1;
        CountedAt = at;
        Ever++;
    }

    public readonly double At(long at) => Ever == 0 ? 0 : Count * Math.Pow(2, -(at - CountedAt) / HalfLifeMs);
}

/// <summary>What is known of an alert's name anywhere: the second of the two clocks of rarity.</summary>
internal sealed class NameStatistics(string name)
{
    public string Name { get; } = name;

    /// <summary>How many identities have it: it is forgotten with the last of them.</summary>
    public int Identities { get; set; }
    public long FirstSeen { get; set; } = -1;
    public long LastSeen { get; set; } = -1;
    public Episodes Episodes;

    /// <summary>Its sources say when it ends, so quiet means "still so", not "over".</summary>
    public bool TellsEnds { get; set; }

    /// <summary>The same under another name, of no identity yet.</summary>
    public NameStatistics As(string other) => new(other) { FirstSeen = FirstSeen, LastSeen = LastSeen, Episodes = Episodes, TellsEnds = TellsEnds };
}
