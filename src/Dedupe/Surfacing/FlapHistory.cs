namespace Dedupe.Surfacing;

/// <summary>The last 21 observed states of an identity, and how much they change.</summary>
/// <remarks>
/// Formula: Nagios Core, "Detection and Handling of State Flapping": 20 possible transitions, weighted linearly from 0.8 for the oldest to
/// 1.2 for the newest, in per cent. Thresholds: Icinga 2's defaults, 30 % to begin and 25 % to end.
/// Before 21 states are known the older ones count as unchanged, as in Nagios.
/// </remarks>
internal struct FlapHistory
{
    public const double High = 30, Low = 25;
    private const int Transitions = 20;

    /// <summary>Bit 0 is the newest transition; set where the state changed.</summary>
    public uint Changed;
    public bool LastFiring;
    public bool Any;
    public long LastAt;
    public long ChangedAt;

    /// <summary>How long a state lasts lately, in milliseconds: each new one counts as much as all before it.</summary>
    public long LastsMs;

    /// <summary>Notes a state. A copy within ten seconds that says the same is no new check result.</summary>
    public void Add(bool firing, long at)
    {
        if (Any && firing == LastFiring && at - LastAt < 10_000) return;
        var changed = Any && firing != LastFiring;
        Changed = (Changed << 1 | (changed ? 1u : 0u)) & ((1u << Transitions) - 1);
        if (changed)
        {
            if (ChangedAt > 0) LastsMs = LastsMs == 0 ? at - ChangedAt : (LastsMs + at - ChangedAt) / 2;
            ChangedAt = at;
        }
        Any = true;
        LastFiring = firing;
        LastAt = at;
    }

    /// <summary>Per cent state change, 0 to 100.</summary>
    public readonly double Percent()
    {
        var sum = 0.0;
        for (var i = 0; i < Transitions; i++)
            if ((Changed >> i & 1) != 0) sum += 1.2 - 0.4 * i / (Transitions - 1);
        return sum * 100 / Transitions;
    }

    /// <summary>What <see cref="Percent"/> will be once this state is noted too.</summary>
    public readonly double PercentWith(bool firing, long at)
    {
        var copy = this;
        copy.Add(firing, at);
        return copy.Percent();
    }
}
