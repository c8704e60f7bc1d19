using Dedupe.Deciding;

namespace Dedupe.Surfacing;

/// <summary>The last 21 observed states of an identity, and how much they change.</summary>
/// <remarks>Before 21 states are known the older ones count as unchanged, as in Nagios and Icinga 2.</remarks>
internal struct FlapHistory
{
    private const double HalfLifeMs = 7 * 24 * 3600_000.0;

    /// <summary>What is known of its transitions; null for one that never changed, as most never do.</summary>
    private sealed class Turns
    {
        public uint Changed;
        public long ChangedAt, FiresMs, EndsMs, BeganAt;
        public double Begun;
    }

    private Turns? turns;
    private long firstBeganAt;
    public long LastAt { get; private set; }
    public bool LastFiring { get; private set; }
    public bool Any { get; private set; }

    /// <summary>Bit 0 is the newest transition; set where the state changed.</summary>
    public readonly uint Changed => turns?.Changed ?? 0;
    public readonly long ChangedAt => turns?.ChangedAt ?? 0;

    /// <summary>How long it fires, and how long it is well in between, at the longest lately, in milliseconds: of a longer time before half of what it is longer is forgotten with each.</summary>
    public readonly long FiresMs => turns?.FiresMs ?? 0;
    public readonly long EndsMs => turns?.EndsMs ?? 0;

    /// <summary>How often it began to fire, decayed by half a week after week, as of <see cref="BeganAt"/>.</summary>
    public readonly double Begun => turns?.Begun ?? (LastFiring ? 1 : 0);
    public readonly long BeganAt => turns?.BeganAt ?? firstBeganAt;

    /// <summary>Notes a state. A copy within ten seconds that says the same is no new check result.</summary>
    public void Add(bool firing, long at)
    {
        if (IsCopy(firing, at)) return;
        if (Any && firing != LastFiring) Turn(firing, at);
        else if (turns is not null) turns.Changed = Shifted(turns.Changed, 0);
        if (firing && !Any) firstBeganAt = at;
        Any = true;
        LastFiring = firing;
        LastAt = at;
    }

    private void Turn(bool firing, long at)
    {
        var begun = BegunWith(at);
        turns ??= new() { Begun = Begun, BeganAt = BeganAt };
        turns.Changed = Shifted(turns.Changed, 1);
        if (turns.ChangedAt > 0)
        {
            ref var lasts = ref LastFiring ? ref turns.FiresMs : ref turns.EndsMs;
            lasts = Math.Max(at - turns.ChangedAt, (lasts + at - turns.ChangedAt) / 2);
        }
        if (firing) (turns.Begun, turns.BeganAt) = (begun, at);
        turns.ChangedAt = at;
    }

    private static uint Shifted(uint changed, uint now) => (changed << 1 | now) & ((1u << FlapFormula.Transitions) - 1);

    /// <summary>Per cent state change, 0 to 100.</summary>
    public readonly double Percent() => FlapFormula.Percent(Changed);

    /// <summary>What <see cref="Begun"/> will be once it begins to fire at <paramref name="at"/>.</summary>
    public readonly double BegunWith(long at) => (Begun == 0 ? 0 : Begun * Math.Pow(2, -(at - BeganAt) / HalfLifeMs)) + 1;

    /// <summary>What <see cref="Percent"/> will be once this state is noted too.</summary>
    public readonly double PercentWith(bool firing, long at) =>
        IsCopy(firing, at) ? Percent() : FlapFormula.Percent(Shifted(Changed, Any && firing != LastFiring ? 1u : 0));

    private readonly bool IsCopy(bool firing, long at) => Any && firing == LastFiring && at - LastAt < 10_000;

    public readonly void Write(SnapshotWriter to)
    {
        to.Write(Changed);
        to.Write(LastFiring);
        to.Write(Any);
        to.Write(LastAt);
        to.Write(ChangedAt);
        to.Write(FiresMs);
        to.Write(EndsMs);
        to.Write(Begun);
        to.Write(BeganAt);
    }

    public static FlapHistory Read(SnapshotReader from)
    {
        var (changed, lastFiring, any, lastAt) = (from.ReadUInt32(), from.ReadBoolean(), from.ReadBoolean(), from.ReadInt64());
        var turns = new Turns { Changed = changed, ChangedAt = from.ReadInt64(), FiresMs = from.ReadInt64(), EndsMs = from.ReadInt64(), Begun = from.ReadDouble(), BeganAt = from.ReadInt64() };
        return new() { LastFiring = lastFiring, Any = any, LastAt = lastAt, turns = turns.ChangedAt == 0 ? null : turns, firstBeganAt = turns.BeganAt };
    }
}
