using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>One identity in a snapshot.</summary>
internal static class SnapshotOfIdentity
{
    public static void Write(SnapshotWriter to, IdentityState identity)
    {
        to.Write(identity.Fingerprint.Value);
        to.Labels(identity.Labels);
        to.Text(identity.Name.Name);
        to.Write(identity.Order);
        to.Write((byte)identity.Phase);
        to.Write((byte)identity.Severity);
        to.Text(identity.Incident?.Id.Value);
        to.Text(identity.Source);
        to.Write(identity.Began);
        to.Write(identity.EndedAt);
        to.Text(identity.SilencedBy);
        to.Write(identity.Silent);
        to.Write(identity.FlapSaid);
        to.Write(identity.MessageSaidAt);
        to.Write(identity.SurvivorSaid);
        to.Write(identity.SurfacedAt);
        to.Write(identity.StillSaidAt);
        to.Write(identity.RateSaidAt);
        to.Write(identity.Beats);
        to.Write(identity.Recorded);
        to.Write(identity.Lacks);
        to.Write(identity.FirstSeen);
        to.Write(identity.LastSeen);
        to.Write(identity.Observations);
        to.Write(identity.Resends);
        to.Write(identity.EndsAt);
        to.Write(identity.Value ?? double.NaN);
        to.Write(identity.Summary);
        to.Text(identity.Url);
        var gaps = identity.Habit.ToArray();
        to.Write((byte)gaps.Length);
        foreach (var gap in gaps) to.Write(gap);
        to.Write(identity.Habit.KeptMs);
        to.Write(identity.Habit.Broken);
        identity.Flaps.Write(to);
        Write(to, identity.Episodes);
        to.Write(identity.Burst.WindowFrom);
        to.Write(identity.Burst.InWindow);
        to.Write(identity.Burst.Record);
        to.Write(identity.Burst.Now);
        to.Write(identity.Burst.StretchFrom);
        Write(to, identity.Rate);
        to.Text(identity.Place);
        to.Write(identity.LongestQuiet);
        to.Write(identity.BegunBy.Input);
        to.Write(identity.BegunBy.Alert);
        Write(to, identity.Companions);
        to.Write(identity.Number ?? double.NaN);
        to.Write(identity.OutOfRangeAt);
        Write(to, identity.Drift);
        to.Write(identity.Mask);
        to.Texts(identity.PacedBy);
        to.Write(identity.PacedAt);
        to.Texts(identity.Observers);
        to.Texts(identity.LastObservers);
        to.Write(identity.UncountedObservers);
        to.Write(identity.Uncounted);
        to.Write((byte)identity.Voice);
        to.Write(identity.Voices is not null);
        identity.Voices?.Write(to);
    }

    public static void Read(SnapshotReader from, State state, Dictionary<string, IncidentState> incidents)
    {
        var fingerprint = new Fingerprint(from.ReadUInt64());
        var labels = from.Labels();
        var name = state.Names[from.Text()!];
        name.Identities++;
        var identity = new IdentityState(fingerprint, labels, name, from.ReadInt64())
        {
            Phase = (Phase)from.ReadByte(),
            Severity = (Severity)from.ReadByte(),
            Incident = from.Text() is { } incident ? incidents[incident] : null,
            Source = from.Text()!,
            Began = from.ReadInt64(),
            EndedAt = from.ReadInt64(),
            SilencedBy = from.Text(),
            Silent = from.ReadBoolean(),
            FlapSaid = from.ReadBoolean(),
            MessageSaidAt = from.ReadInt64(),
            SurvivorSaid = from.ReadBoolean(),
            SurfacedAt = from.ReadInt64(),
            StillSaidAt = from.ReadInt64(),
            RateSaidAt = from.ReadInt64(),
            Beats = from.ReadBoolean(),
            Recorded = from.ReadBoolean(),
            Lacks = from.ReadBoolean(),
            FirstSeen = from.ReadInt64(),
            LastSeen = from.ReadInt64(),
            Observations = from.ReadInt64(),
            Resends = from.ReadInt32(),
            EndsAt = from.ReadInt64(),
            Value = from.ReadDouble() is var value && double.IsNaN(value) ? null : value,
            Summary = from.ReadString(),
            Url = from.Text(),
        };
        Span<int> gaps = stackalloc int[Habit.Size];
        gaps = gaps[..from.ReadByte()];
        for (var i = 0; i < gaps.Length; i++) gaps[i] = from.ReadInt32();
        identity.Habit = Habit.From(gaps, from.ReadInt64(), from.ReadBoolean());
        identity.Flaps = FlapHistory.Read(from);
        identity.Episodes = ReadEpisodes(from);
        identity.Burst = new() { WindowFrom = from.ReadInt64(), InWindow = from.ReadInt32(), Record = from.ReadInt32(), Now = from.ReadInt32(), StretchFrom = from.ReadUInt32() };
        identity.Rate = ReadRate(from);
        identity.Place = from.Text();
        identity.LongestQuiet = from.ReadInt64();
        identity.BegunBy = (from.ReadInt64(), from.ReadInt32());
        identity.Companions = ReadCompanions(from);
        identity.Number = from.ReadDouble() is var number && double.IsNaN(number) ? null : number;
        identity.OutOfRangeAt = from.ReadInt64();
        identity.Drift = ReadDrift(from);
        identity.Mask = from.ReadUInt64();
        identity.PacedBy = from.Texts();
        identity.PacedAt = from.ReadInt64();
        identity.Observers = from.Texts();
        identity.LastObservers = from.Texts();
        identity.UncountedObservers = from.ReadInt32();
        identity.Uncounted = from.ReadInt32();
        identity.Voice = (Severity)from.ReadByte();
        if (from.ReadBoolean()) identity.Voices = Voices.Read(from);
        state.Identities[fingerprint] = identity;
    }

    private static void Write(SnapshotWriter to, HourlyRate rate)
    {
        to.Write(rate.Hour);
        to.Write(rate.InHour);
        to.Write(rate.Most is not null);
        if (rate.Most is not { } most) return;
        to.Write(most.Period);
        for (var i = 0; i < HoursOfDay.Size; i++)
        {
            to.Write(most.Now[i]);
            to.Write(most.Before[i]);
        }
    }

    private static HourlyRate ReadRate(SnapshotReader from)
    {
        var rate = new HourlyRate { Hour = from.ReadInt32(), InHour = from.ReadInt32() };
        if (!from.ReadBoolean()) return rate;
        rate.Most = new() { Period = from.ReadInt32() };
        for (var i = 0; i < HoursOfDay.Size; i++) (rate.Most.Now[i], rate.Most.Before[i]) = (from.ReadUInt16(), from.ReadUInt16());
        return rate;
    }

    private static void Write(SnapshotWriter to, DriftOf? of)
    {
        to.Write(of is not null);
        if (of is not { Drift: var drift }) return;
        foreach (var way in (ReadOnlySpan<Drift.Way>)[drift.Up, drift.Down])
        {
            foreach (var number in (ReadOnlySpan<double>)[way.From, way.To, way.LongestStep, way.Named]) to.Write(number);
            to.Write(way.Since);
            to.Write(way.Made);
            to.Write(way.Seen);
        }
        foreach (var number in (ReadOnlySpan<double>)[drift.Last, drift.Rises, drift.Falls, drift.Highest, drift.Sum]) to.Write(number);
        to.Write(drift.Summed);
        to.Write(drift.FirstAt);
        foreach (var range in (ReadOnlySpan<Surfacing.Range>)[drift.Each, drift.Dozens])
        {
            to.Write(range.Min);
            to.Write(range.Max);
            to.Write(range.At);
            to.Write(range.Count);
        }
    }

    private static DriftOf? ReadDrift(SnapshotReader from)
    {
        if (!from.ReadBoolean()) return null;
        return new(new Drift
        {
            Up = ReadWay(from), Down = ReadWay(from), Last = from.ReadDouble(), Rises = from.ReadDouble(), Falls = from.ReadDouble(), Highest = from.ReadDouble(), Sum = from.ReadDouble(),
            Summed = from.ReadInt32(), FirstAt = from.ReadInt64(), Each = ReadRange(from), Dozens = ReadRange(from),
        });
    }

    private static Surfacing.Range ReadRange(SnapshotReader from) => new(from.ReadDouble(), from.ReadDouble(), from.ReadInt64(), from.ReadInt32());

    private static Drift.Way ReadWay(SnapshotReader from) => new()
    {
        From = from.ReadDouble(), To = from.ReadDouble(), LongestStep = from.ReadDouble(), Named = from.ReadDouble(), Since = from.ReadInt64(), Made = from.ReadInt32(),
        Seen = from.ReadInt32(),
    };

    private static void Write(SnapshotWriter to, Companions? companions)
    {
        var known = companions is null ? [] : companions.Known;
        to.Write((byte)known.Length);
        foreach (var companion in known)
        {
            to.Write(companion.Other.Value);
            to.Write(companion.Times);
            to.Write(companion.Last);
        }
    }

    private static Companions? ReadCompanions(SnapshotReader from)
    {
        var count = from.ReadByte();
        if (count == 0) return null;
        var companions = new Companions();
        for (var i = 0; i < count; i++) companions.Add(new(new(from.ReadUInt64()), from.ReadInt32(), from.ReadInt32()));
        return companions;
    }

    public static void Write(SnapshotWriter to, Episodes episodes)
    {
        to.Write(episodes.Count);
        to.Write(episodes.CountedAt);
        to.Write(episodes.Ever);
    }

    public static Episodes ReadEpisodes(SnapshotReader from) => new() { Count = from.ReadDouble(), CountedAt = from.ReadInt64(), Ever = from.ReadInt32() };
}
