using System.IO.Compression;
using System.Text;
using Dedupe.Grouping;
using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>State as bytes and back. Of this form only: another one's snapshot is not read but made anew from the log.</summary>
public sealed partial class Decider
{
    /// <summary>What can read it: the decider's version, and how its state is written.</summary>
    public const string SnapshotForm = Version + ".7";

    /// <summary>Kept from one snapshot to the next: made anew, megabytes each would lie about until the oldest generation is collected.</summary>
    private readonly KeptBytes saved = new();

    /// <summary>The state as of the last input decided. Good until the next call.</summary>
    /// <remarks>Packed at the least effort: 100,000 identities make 4 MiB instead of 36, whose writing to disk costs more than the packing.</remarks>
    public ReadOnlyMemory<byte> Save()
    {
        saved.Clear();
        using (var packed = new DeflateStream(new Appending(saved), CompressionLevel.Fastest))
        using (var buffer = new BufferedStream(packed, 16 * 1024))
        using (var writer = new SnapshotWriter(buffer)) new SnapshotOfState(world).Write(writer, LastInput);
        return saved.Written;
    }

    /// <summary>Takes over a saved state; recovery then goes on from its input.</summary>
    /// <exception cref="InvalidDataException">Not a snapshot of this form.</exception>
    public void Restore(ReadOnlyMemory<byte> snapshot)
    {
        using var bytes = new MemoryStream(snapshot.ToArray(), writable: false);
        using var packed = new DeflateStream(bytes, CompressionMode.Decompress);
        using var buffer = new BufferedStream(packed, 16 * 1024);
        using var reader = new SnapshotReader(buffer);
        LastInput = new SnapshotOfState(world).Read(reader);
    }
}

/// <summary>Writes strings once: labels repeat themselves. It knows the last so many, so that texts which never repeat cost little.</summary>
internal sealed class SnapshotWriter(Stream stream) : BinaryWriter(stream, Encoding.UTF8, leaveOpen: true)
{
    public const int MostKnown = 10_000;
    private readonly Dictionary<string, int> known = new(StringComparer.Ordinal);

    public void Text(string? text)
    {
        if (text is null) Write7BitEncodedInt(0);
        else if (known.TryGetValue(text, out var at)) Write7BitEncodedInt(at);
        else
        {
            if (known.Count == MostKnown) known.Clear();
            known[text] = known.Count + 2;
            Write7BitEncodedInt(1);
            Write(text);
        }
    }

    public void Texts(IReadOnlyCollection<string> texts)
    {
        Write7BitEncodedInt(texts.Count);
        foreach (var text in texts) Text(text);
    }

    public void Labels(LabelSet labels)
    {
        Write7BitEncodedInt(labels.Count);
        for (var i = 0; i < labels.Count; i++)
        {
            Text(labels[i].Key);
            Text(labels[i].Value);
        }
    }

    public void Json(ReadOnlySpan<byte> json)
    {
        Write7BitEncodedInt(json.Length);
        Write(json);
    }
}

internal sealed class SnapshotReader(Stream stream) : BinaryReader(stream, Encoding.UTF8, leaveOpen: true)
{
    private readonly List<string> known = [];

    public string? Text()
    {
        var at = Read7BitEncodedInt();
        if (at == 0) return null;
        if (at > 1) return known[at - 2];
        var text = ReadString();
        // As the writer does.
        if (known.Count == SnapshotWriter.MostKnown) known.Clear();
        known.Add(text);
        return text;
    }

    public string[] Texts()
    {
        var texts = new string[Read7BitEncodedInt()];
        for (var i = 0; i < texts.Length; i++) texts[i] = Text()!;
        return texts;
    }

    public LabelSet Labels()
    {
        var labels = new KeyValuePair<string, string>[Read7BitEncodedInt()];
        for (var i = 0; i < labels.Length; i++) labels[i] = new(Text()!, Text()!);
        return LabelSet.From(labels);
    }

    public byte[] Json() => ReadBytes(Read7BitEncodedInt());
}

/// <summary>The order in which state is written, and read in the same.</summary>
internal sealed class SnapshotOfState(World world)
{
    private const int Magic = 0x50_4E_53_32;
    private readonly State state = world.State;

    public void Write(SnapshotWriter to, long lastInput)
    {
        to.Write(Magic);
        to.Text(Decider.SnapshotForm);
        to.Write(lastInput);
        to.Write(world.Now);
        to.Json(DecisionCodec.Write(world.Rules));
        to.Json(DecisionCodec.Write(world.Topology));
        to.Write(state.NextIdentity);
        to.Write(state.NextIncident);
        to.Write(state.NextOrdinal);
        to.Write(state.FirstDeliveryAt);
        to.Write(state.UncountedSince);
        to.Text(state.Preexisting?.Id.Value);
        to.Texts(state.Lacking);
        to.Texts(state.TellingEnds);
        Write(to, state.Names.Values, WriteName);
        // Incidents that are no longer kept by name may still be a member's past.
        var incidents = state.Identities.Values.Select(i => i.Incident).OfType<IncidentState>().Concat(state.Incidents.Values).Distinct().OrderBy(i => i.Order).ToList();
        Write(to, incidents, (w, i) => SnapshotOfIncident.Write(w, i, state.Incidents.ContainsKey(i.Id.Value)));
        Write(to, state.Identities.Values, SnapshotOfIdentity.Write);
        Write(to, incidents, (w, i) => WriteKnown(w, i.Members));
        Write(to, incidents, (w, i) =>
        {
            // One that is no longer kept cannot be joined either.
            foreach (var other in (ReadOnlySpan<IncidentState?>)[i.FollowedBy, i.MergedInto, i.SplitFrom]) w.Text(other is not null && state.Incidents.ContainsKey(other.Id.Value) ? other.Id.Value : null);
        });
        WriteKnown(to, state.Uncounted);
        Write(to, state.Silences.Values, (w, s) => w.Json(DecisionCodec.Write(new Act.SetSilence(s))));
        SnapshotOfChanges.Write(to, state);
        Write(to, state.Blind, (w, b) => { w.Write(b.From); w.Write(b.To); });
        to.Texts(state.FailingPagers);
        Write(to, state.RecoveredAt, (w, p) => { w.Text(p.Key); w.Write(p.Value); });
        Write(to, state.PagesOf, (w, p) => { w.Text(p.Key); w.Write(p.Value); });
        Write(to, state.Together.Places, (w, p) =>
        {
            w.Text(p.Key);
            w.Write(p.Value.LastBegin);
            w.Write(p.Value.Episodes);
            w.Write(p.Value.Identities);
            Write(w, p.Value.Partners ?? [], (v, other) => { v.Text(other.Key); v.Write(other.Value.Times); v.Write(other.Value.LastAt); });
        });
        Write(to, state.Together.Begun, (w, b) => { w.Write(b.At); w.Text(b.Place); });
        Write(to, state.LastBegun.All, (w, b) => { w.Write(b.At); w.Write(b.Identity.Fingerprint.Value); });
        SnapshotOfLogs.Write(to, state.Logs);
        state.Copies.Write(to);
        state.Hearts.Write(to);
    }

    public long Read(SnapshotReader from)
    {
        if (from.ReadInt32() != Magic || from.Text() != Decider.SnapshotForm) throw new InvalidDataException("not a snapshot of this form");
        var lastInput = from.ReadInt64();
        world.Now = from.ReadInt64();
        var rules = DecisionCodec.ReadRules(from.Json());
        var topology = DecisionCodec.ReadTopology(from.Json());
        state.NextIdentity = from.ReadInt64();
        state.NextIncident = from.ReadInt64();
        state.NextOrdinal = from.ReadInt64();
        state.FirstDeliveryAt = from.ReadInt64();
        state.UncountedSince = from.ReadInt64();
        var preexisting = from.Text();
        state.Lack([], from.Texts());
        state.TellingEnds.UnionWith(from.Texts());
        Read(from, ReadName);
        var incidents = new List<IncidentState>();
        Read(from, r => incidents.Add(SnapshotOfIncident.Read(r, state)));
        var byId = incidents.ToDictionary(i => i.Id.Value);
        Read(from, r => SnapshotOfIdentity.Read(r, state, byId));
        var at = 0;
        Read(from, r =>
        {
            var incident = incidents[at++];
            Read(r, v => incident.Members.Add(state.Identities[new(v.ReadUInt64())]));
        });
        at = 0;
        Read(from, r =>
        {
            var incident = incidents[at++];
            (incident.FollowedBy, incident.MergedInto, incident.SplitFrom) = (Of(r.Text()), Of(r.Text()), Of(r.Text()));
            IncidentState? Of(string? id) => id is null ? null : byId[id];
        });
        Read(from, r => state.Uncounted.Add(state.Identities[new(r.ReadUInt64())]));
        Read(from, r =>
        {
            var silence = ((Act.SetSilence)DecisionCodec.ReadAct(r.Json())).Silence;
            state.Silences[silence.Id] = silence;
        });
        SnapshotOfChanges.Read(from, state);
        Read(from, r => state.Blind.Add((r.ReadInt64(), r.ReadInt64())));
        foreach (var pager in from.Texts()) state.FailingPagers.Add(pager);
        Read(from, r => state.RecoveredAt[r.Text()!] = r.ReadInt64());
        Read(from, r => state.PagesOf[r.Text()!] = r.ReadInt64());
        Read(from, r =>
        {
            var (place, habit) = (r.Text()!, new FiresTogether.Habit { LastBegin = r.ReadInt64(), Episodes = r.ReadInt32(), Identities = r.ReadInt32() });
            Read(r, v => (habit.Partners ??= new(StringComparer.Ordinal))[v.Text()!] = new(v.ReadInt32(), v.ReadInt64()));
            state.Together.Restore(place, habit);
        });
        Read(from, r => state.Together.Restore(r.ReadInt64(), r.Text()!));
        Read(from, r =>
        {
            var at = r.ReadInt64();
            state.LastBegun.Restore(at, state.Identities[new(r.ReadUInt64())]);
        });
        SnapshotOfLogs.Read(from, state.Logs);
        state.Copies.Read(from);
        state.Hearts.Read(from, rules);
        state.Preexisting = preexisting is null ? null : state.Incidents.GetValueOrDefault(preexisting);
        world.Adopt(rules, topology);
        return lastInput;
    }

    /// <summary>Those not forgotten, by fingerprint.</summary>
    private void WriteKnown(SnapshotWriter to, List<IdentityState> identities)
    {
        // Counted first instead of listed: with 100,000 identities a list is large enough to stay in memory for long.
        to.Write7BitEncodedInt(identities.Count(IsKnown));
        foreach (var identity in identities)
            if (IsKnown(identity)) to.Write(identity.Fingerprint.Value);

        // Another may go by the fingerprint of one that was forgotten.
        bool IsKnown(IdentityState identity) => state.Identities.GetValueOrDefault(identity.Fingerprint) == identity;
    }

    private static void WriteName(SnapshotWriter to, NameStatistics name)
    {
        to.Text(name.Name);
        to.Write(name.FirstSeen);
        to.Write(name.LastSeen);
        to.Write(name.TellsEnds);
        SnapshotOfIdentity.Write(to, name.Episodes);
    }

    private void ReadName(SnapshotReader from)
    {
        var name = new NameStatistics(from.Text()!) { FirstSeen = from.ReadInt64(), LastSeen = from.ReadInt64(), TellsEnds = from.ReadBoolean() };
        name.Episodes = SnapshotOfIdentity.ReadEpisodes(from);
        state.Names[name.Name] = name;
    }

    internal static void Write<T>(SnapshotWriter to, IReadOnlyCollection<T> all, Action<SnapshotWriter, T> one)
    {
        to.Write7BitEncodedInt(all.Count);
        foreach (var item in all) one(to, item);
    }

    internal static void Read(SnapshotReader from, Action<SnapshotReader> one)
    {
        for (var left = from.Read7BitEncodedInt(); left > 0; left--) one(from);
    }
}

/// <summary>Bytes in one array that is used again. It grows by a quarter: doubled, up to half of its megabytes would lie idle.</summary>
internal sealed class KeptBytes
{
    private const int LeastGrowth = 64 * 1024;
    private byte[] bytes = [];
    private int length;

    public ReadOnlyMemory<byte> Written => bytes.AsMemory(0, length);

    public void Clear() => length = 0;

    public void Append(ReadOnlySpan<byte> more)
    {
        var needed = checked(length + more.Length);
        if (needed > bytes.Length) Array.Resize(ref bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, (long)bytes.Length + Math.Max(bytes.Length / 4, LeastGrowth))));
        more.CopyTo(bytes.AsSpan(length));
        length = needed;
    }
}

/// <summary>A stream that only appends.</summary>
internal sealed class Appending(KeptBytes to) : Stream
{
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer) => to.Append(buffer);

    public override void Write(byte[] buffer, int offset, int count) => to.Append(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
