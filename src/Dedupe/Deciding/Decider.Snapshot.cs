using System.Text;
using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>State as bytes and back. Of this decider version only: another version's snapshot is not read but made anew from the log.</summary>
public sealed partial class Decider
{
    /// <summary>The state as of the last input decided.</summary>
    public byte[] Save()
    {
        using var stream = new MemoryStream(64 * 1024 + (200 * world.State.Identities.Count));
        using (var writer = new SnapshotWriter(stream)) new SnapshotOfState(world).Write(writer, LastInput);
        return stream.ToArray();
    }

    /// <summary>Takes over a saved state; recovery then goes on from its input.</summary>
    /// <exception cref="InvalidDataException">Not a snapshot of this version.</exception>
    public void Restore(ReadOnlySpan<byte> snapshot)
    {
        using var stream = new MemoryStream(snapshot.ToArray(), writable: false);
        using var reader = new SnapshotReader(stream);
        LastInput = new SnapshotOfState(world).Read(reader);
    }
}

/// <summary>Writes strings once: labels repeat themselves.</summary>
internal sealed class SnapshotWriter(Stream stream) : BinaryWriter(stream, Encoding.UTF8, leaveOpen: true)
{
    private readonly Dictionary<string, int> known = new(StringComparer.Ordinal);

    public void Text(string? text)
    {
        if (text is null) Write7BitEncodedInt(0);
        else if (known.TryGetValue(text, out var at)) Write7BitEncodedInt(at);
        else
        {
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
    private const int Magic = 0x50_4E_53_31;
    private readonly State state = world.State;

    public void Write(SnapshotWriter to, long lastInput)
    {
        to.Write(Magic);
        to.Text(Decider.Version);
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
        Write(to, state.Names.Values, WriteName);
        // Incidents that are no longer kept by name may still be a member's past.
        var incidents = state.Identities.Values.Select(i => i.Incident).OfType<IncidentState>().Concat(state.Incidents.Values).Distinct().OrderBy(i => i.Order).ToList();
        Write(to, incidents, (w, i) => SnapshotOfIncident.Write(w, i, state.Incidents.ContainsKey(i.Id.Value)));
        Write(to, state.Identities.Values, SnapshotOfIdentity.Write);
        Write(to, incidents, (w, i) => Write(w, i.Members.Where(m => state.Identities.ContainsKey(m.Fingerprint)).ToList(), (v, m) => v.Write(m.Fingerprint.Value)));
        Write(to, state.Uncounted.Where(i => state.Identities.ContainsKey(i.Fingerprint)).ToList(), (w, i) => w.Write(i.Fingerprint.Value));
        Write(to, state.Silences.Values, (w, s) => w.Json(DecisionCodec.Write(new Act.SetSilence(s))));
        Write(to, state.Changes, (w, c) => w.Json(DecisionCodec.Write(new Decision.ChangeRecorded(c), 0, 0).Data.Span));
        Write(to, state.Blind, (w, b) => { w.Write(b.From); w.Write(b.To); });
        to.Texts(state.FailingPagers);
        Write(to, state.RecoveredAt, (w, p) => { w.Text(p.Key); w.Write(p.Value); });
        Write(to, state.PagesOf, (w, p) => { w.Text(p.Key); w.Write(p.Value); });
        Write(to, state.Templates.Leaves.ToList(), (w, leaf) =>
        {
            w.Text(leaf.Key);
            Write(w, leaf.Value, (v, t) => { v.Text(t.Name); v.Texts(t.Words); });
        });
        state.Copies.Write(to);
    }

    public long Read(SnapshotReader from)
    {
        if (from.ReadInt32() != Magic || from.Text() != Decider.Version) throw new InvalidDataException("not a snapshot of this decider's version");
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
        Read(from, r => state.Uncounted.Add(state.Identities[new(r.ReadUInt64())]));
        Read(from, r =>
        {
            var silence = ((Act.SetSilence)DecisionCodec.ReadAct(r.Json())).Silence;
            state.Silences[silence.Id] = silence;
        });
        Read(from, r => state.Changes.Add(((Decision.ChangeRecorded)DecisionCodec.Read(new(0, 0, default, "change-recorded", null, r.Json()))).Change));
        Read(from, r => state.Blind.Add((r.ReadInt64(), r.ReadInt64())));
        foreach (var pager in from.Texts()) state.FailingPagers.Add(pager);
        Read(from, r => state.RecoveredAt[r.Text()!] = r.ReadInt64());
        Read(from, r => state.PagesOf[r.Text()!] = r.ReadInt64());
        Read(from, r =>
        {
            var key = r.Text()!;
            var templates = new List<LogTemplates.Template>();
            Read(r, v => templates.Add(new(v.Text()!, v.Texts())));
            state.Templates.Restore(key, templates);
        });
        state.Copies.Read(from);
        state.Preexisting = preexisting is null ? null : state.Incidents.GetValueOrDefault(preexisting);
        world.Adopt(rules, topology);
        return lastInput;
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
