namespace Dedupe.Surfacing;

/// <summary>The last 21 observed states of an identity, and how much they change.</summary>
/// <remarks>Before 21 states are known the older ones count as unchanged, as in Nagios and Icinga 2.</remarks>
internal struct FlapHistory
{
    private const double HalfLifeMs = 7 * 24 * 3600_000.0;

    /// <summary>Bit 0 is the newest transition; set where the state changed.</summary>
    public uint Changed;
    public bool LastFiring;
    public bool Any;
    public long LastAt;
    public long ChangedAt;

    /// <summary>How long it fires, and how long it is well in between, lately, in milliseconds: each new time counts as much as all before it.</summary>
    public long FiresMs, EndsMs;

    /// <summary>How often it began to fire, decayed by half a week after week, as of <see cref="BeganAt"/>.</summary>
    public double Begun;
    public long BeganAt;

    /// <summary>Notes a state. A copy within ten seconds that says the same is no new check result.</summary>
    public void Add(bool firing, long at)
    {
        if (Any && firing == LastFiring && at - LastAt < 10_000) return;
        var changed = Any && firing != LastFiring;
        Changed = (Changed << 1 | (changed ? 1u : 0u)) & ((1u << FlapFormula.Transitions) - 1);
        if (changed && ChangedAt > 0)
        {
            ref var lasts = ref LastFiring ? ref FiresMs : ref EndsMs;
            lasts = lasts == 0 ? at - ChangedAt : (lasts + at - ChangedAt) / 2;
        }
        if (firing && (changed || !Any)) (Begun, BeganAt) = (BegunWith(at), at);
        if (changed) ChangedAt = at;
        Any = true;
        LastFiring = firing;
        LastAt = at;
    }

    /// <summary>Per cent state change, 0 to 100.</summary>
    public readonly double Percent() => FlapFormula.Percent(Changed);

    /// <summary>What <see cref="Begun"/> will be once it begins to fire at <paramref name="at"/>.</summary>
    public readonly double BegunWith(long at) => (Begun == 0 ? 0 : Begun * Math.Pow(2, -(at - BeganAt) / HalfLifeMs)) + 1;

    /// <summary>What <see cref="Percent"/> will be once this state is noted too.</summary>
    public readonly double PercentWith(bool firing, long at)
    {
        var copy = this;
        copy.Add(firing, at);
        return copy.Percent();
    }
}
