using System.Buffers;
using System.Text;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Config;
using Pipeline.Hosting;

namespace Pipeline.Replaying;

/// <summary>Our own replay lines: what <c>export</c> writes and the contract's section 5 shows.</summary>
/// <remarks><code>
/// {"receivedAt":"2026-01-31T12:00:00.000Z","source":"generic","body":{"labels":{"alertname":"DiskFull"}}}
/// {"at":"2026-01-31T12:00:05.000Z","scope":"default","tick":true}
/// {"at":"2026-01-31T12:01:00.000Z","blind":{"from":"...","to":"..."}}
/// {"at":"2026-01-31T12:02:00.000Z","act":{"act":"acknowledge","incident":"inc_...","by":"ann"}}
/// {"at":"...","rules":{...}}   {"at":"...","topology":{"components":[...]}}   {"at":"...","pager":{"pager":"ops","failing":true,"answer":"500"}}
/// {"receivedAt":"...","origin":"alerts.csv:17","unread":{"field":"Start","problem":"is not a time"}}
/// {"at":"...","numbers":{"default":17},"scopeLabel":"team"}
/// {"at":"...","scope":"default","paged":{"pager":"ops","reason":"opened","fingerprint":"...","labels":{...}}}
/// On any line that was imported, its origin: the file that it comes from and the line there;
/// and on any line of an input that could not be decided, the scopes in which that was so: "setAside":{"default":"the decider failed on it twice"}
/// </code></remarks>
internal sealed class JsonLines(Settings settings, bool ownRules, bool ownTopology) : ILineFormat
{
    private readonly List<(byte[] Utf8, string Name, ISource? Source)> sources = [];
    private Identities identities = new(settings.Rules.Identity);
    private ParseContext? context;

    public bool Read(ReadOnlyMemory<byte> line, ref ReplayEntry entry)
    {
        entry.Problem = LineFields.Read(line.Span, out var fields);
        entry.ReceivedAt = fields.HasReceivedAt ? fields.ReceivedAt : fields.At;
        entry.At = fields.HasAt ? fields.At : fields.ReceivedAt;
        entry.Source = "";
        try
        {
            entry.Origin = Text(line.Span, fields.Origin);
            if (entry.Problem is null && !Empty(fields.Unread)) entry.Problem = ReadUnread(line.Span[fields.Unread]);
            if (entry.Problem is null && !fields.HasAt && !fields.HasReceivedAt) entry.Problem = new(0, "receivedAt", "the line has no receivedAt; a record of another system is read with --format (docs/replay.md)");
            entry.Problem ??= Fill(line, fields, ref entry);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NotSupportedException)
        {
            // InvalidOperationException and FormatException: a string that is not UTF-8, or not base64.
            entry.Problem = new(0, "", $"not understood: {e.Message}");
        }
        if (entry.Problem is not null) entry.Kind = EntryKind.Rejected;
        return true;
    }

    private RejectedPart? Fill(ReadOnlyMemory<byte> line, in LineFields fields, ref ReplayEntry entry)
    {
        var span = line.Span;
        entry.Scope = Text(span, fields.Scope);
        if (!Empty(fields.SetAside)) entry.SetAside = JsonSerializer.Deserialize(span[fields.SetAside], ReplayJson.Default.DictionaryStringString);
        if (!Empty(fields.Source)) return FillDelivery(line, fields, ref entry);
        entry.Kind = EntryKind.Input;
        entry.Input = OtherInput(span, fields, entry.At);
        if (entry.Input is not null) return null;
        if (!Empty(fields.Paged)) return ReadPaged(span[fields.Paged], ref entry);
        if (Empty(fields.Numbers)) return new(0, "source", "the line has no source");
        entry.Kind = EntryKind.Numbers;
        entry.ScopeLabel = Text(span, fields.ScopeLabel);
        entry.Numbers = ReadNumbers(span[fields.Numbers]);
        return null;
    }

    private RejectedPart? FillDelivery(ReadOnlyMemory<byte> line, in LineFields fields, ref ReplayEntry entry)
    {
        var span = line.Span;
        var (name, source) = Find(span[fields.Source]);
        entry.Kind = EntryKind.Delivery;
        entry.Source = name;
        entry.Id = Text(span, fields.Id);
        if (source is null) return new(0, "source", $"\"{name}\" is no source we know; known are {string.Join(", ", Sources.All.Select(s => s.Name))}");
        if (context is null || context.ReceivedAt != entry.ReceivedAt) context = new(identities, settings.Limits, entry.ReceivedAt);
        var key = Text(span, fields.Key);
        if (!Empty(fields.Body64)) Parse(Convert.FromBase64String(Text(span, Inner(fields.Body64))!), source, context, key, ref entry);
        else if (Empty(fields.Body)) return new(0, "body", "the line has no body");
        else if (span[fields.Body][0] is (byte)'{' or (byte)'[') Parse(line[fields.Body], source, context, key, ref entry);
        else if (span[fields.Body][0] == '"') ParseText(line[fields.Body], source, context, key, ref entry);
        else return new(0, "body", "body is an object, an array or a string");
        return entry.Parsed!.Problem;
    }

    private static void Parse(ReadOnlyMemory<byte> body, ISource source, ParseContext context, string? key, ref ReplayEntry entry)
    {
        entry.Parsed = source.Parse(body, context);
        entry.CopyKey = InputReader.CopyKey(key, body.Span);
    }

    private static void ParseText(ReadOnlyMemory<byte> quoted, ISource source, ParseContext context, string? key, ref ReplayEntry entry)
    {
        if (!quoted.Span.Contains((byte)'\\'))
        {
            Parse(quoted[1..^1], source, context, key, ref entry);
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(quoted.Length);
        try
        {
            var reader = new Utf8JsonReader(quoted.Span);
            reader.Read();
            Parse(buffer.AsMemory(0, reader.CopyString(buffer)), source, context, key, ref entry);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Input? OtherInput(ReadOnlySpan<byte> line, in LineFields fields, DateTimeOffset at)
    {
        if (fields.Ticks) return new Input.Tick { Number = 0, At = at };
        if (!Empty(fields.Act)) return new Input.Acted(DecisionCodec.ReadAct(line[fields.Act])) { Number = 0, At = at };
        if (!Empty(fields.Blind))
        {
            var blind = JsonSerializer.Deserialize(line[fields.Blind], ReplayJson.Default.BlindLine)!;
            return new Input.Blind(blind.From, blind.To) { Number = 0, At = at };
        }
        if (!Empty(fields.Pager))
        {
            var pager = JsonSerializer.Deserialize(line[fields.Pager], ReplayJson.Default.PagerLine)!;
            return new Input.PagerReported(pager.Pager, pager.Failing, pager.Answer) { Number = 0, At = at };
        }
        // Where the user named others, the recorded ones only pass the time: they had a number too.
        if ((!Empty(fields.Rules) && ownRules) || (!Empty(fields.Topology) && ownTopology)) return new Input.Tick { Number = 0, At = at };
        if (!Empty(fields.Rules)) return Adopt(DecisionCodec.ReadRules(line[fields.Rules]), at);
        return Empty(fields.Topology) ? null : new Input.TopologyInForce(DecisionCodec.ReadTopology(line[fields.Topology])) { Number = 0, At = at };
    }

    private Input.RulesInForce Adopt(RuleSet rules, DateTimeOffset at)
    {
        identities = new(rules.Identity);
        context = null;
        return new(rules) { Number = 0, At = at };
    }

    private static RejectedPart? ReadPaged(ReadOnlySpan<byte> json, ref ReplayEntry entry)
    {
        var paged = JsonSerializer.Deserialize(json, ReplayJson.Default.PagedLine)!;
        if (!Words.TryReason(paged.Reason, out var reason)) return new(0, "paged.reason", $"\"{paged.Reason}\" is no reason that this release knows");
        entry.Kind = EntryKind.Paged;
        entry.Paged = new(paged.Pager, reason, paged.Fingerprint, paged.Labels, entry.At);
        return null;
    }

    private static RejectedPart ReadUnread(ReadOnlySpan<byte> json)
    {
        var unread = JsonSerializer.Deserialize(json, ReplayJson.Default.UnreadLine)!;
        return new(0, unread.Field, unread.Problem);
    }

    private static List<KeyValuePair<string, long>> ReadNumbers(ReadOnlySpan<byte> json)
    {
        var numbers = new List<KeyValuePair<string, long>>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var scope = reader.GetString()!;
            reader.Read();
            numbers.Add(new(scope, reader.GetInt64()));
        }
        return numbers;
    }

    /// <summary>The source by its name's bytes: a file names few, thousands of times.</summary>
    private (string Name, ISource? Source) Find(ReadOnlySpan<byte> utf8)
    {
        foreach (var known in sources)
            if (utf8.SequenceEqual(known.Utf8)) return (known.Name, known.Source);
        var name = Encoding.UTF8.GetString(utf8);
        var source = Sources.Find(name);
        if (source is not null) sources.Add((utf8.ToArray(), name, source));
        return (name, source);
    }

    private static string? Text(ReadOnlySpan<byte> line, Range place)
    {
        if (Empty(place)) return null;
        var text = line[place];
        return text.Contains((byte)'\\') ? JsonSerializer.Deserialize(line[(place.Start.Value - 1)..(place.End.Value + 1)], ReplayJson.Default.String) : Encoding.UTF8.GetString(text);
    }

    private static Range Inner(Range quoted) => (quoted.Start.Value + 1)..(quoted.End.Value - 1);

    private static bool Empty(Range place) => place.End.Value <= place.Start.Value;
}
