using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dedupe.Vocabulary;

/// <summary>Labels sorted by name (ordinal), without empty values and with the last of a repeated name; immutable, equal by content.</summary>
[JsonConverter(typeof(LabelSetJson))]
public sealed class LabelSet : IReadOnlyList<KeyValuePair<string, string>>, IEquatable<LabelSet>
{
    public static readonly LabelSet Empty = new([]);

    private readonly KeyValuePair<string, string>[] sorted;

    private LabelSet(KeyValuePair<string, string>[] sorted) => this.sorted = sorted;

    /// <summary>Sorts and cleans: an empty value is an absent label (as in Prometheus); of a repeated name the last one counts.</summary>
    public static LabelSet From(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var list = labels.ToList();
        if (list.Count == 0) return Empty;
        // A stable order with the later duplicate last: List.Sort is not stable, so the index decides.
        var order = new KeyValuePair<string, int>[list.Count];
        for (var i = 0; i < order.Length; i++) order[i] = new(list[i].Key, i);
        Array.Sort(order, static (a, b) => string.CompareOrdinal(a.Key, b.Key) is var c && c != 0 ? c : a.Value.CompareTo(b.Value));
        var kept = new List<KeyValuePair<string, string>>(list.Count);
        for (var i = 0; i < order.Length; i++)
        {
            var last = i + 1 == order.Length || order[i + 1].Key != order[i].Key;
            var label = list[order[i].Value];
            if (last && label.Value.Length > 0) kept.Add(label);
        }
        return kept.Count == 0 ? Empty : new([.. kept]);
    }

    public static LabelSet Of(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var list = new List<KeyValuePair<string, string>>(labels.Length);
        foreach (var (name, value) in labels) list.Add(new(name, value));
        return From(list);
    }

    public int Count => sorted.Length;

    public KeyValuePair<string, string> this[int index] => sorted[index];

    /// <summary>The value of a label, or null where the set does not have it.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var label in sorted)
                if (label.Key == name) return label.Value;
            return null;
        }
    }

    public LabelSet With(string name, string value) => From([.. sorted, new(name, value)]);

    /// <summary>The set less these labels; itself where it has none of them.</summary>
    public LabelSet Without(IReadOnlyCollection<string> names) =>
        sorted.Any(l => names.Contains(l.Key)) ? new([.. sorted.Where(l => !names.Contains(l.Key))]) : this;

    /// <summary>True when every pair of <paramref name="wanted"/> is in this set.</summary>
    public bool Matches(LabelSet wanted)
    {
        foreach (var (name, value) in wanted)
            if (this[name] != value) return false;
        return true;
    }

    public bool Equals(LabelSet? other) => other is not null && sorted.AsSpan().SequenceEqual(other.sorted);

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, value) in sorted)
        {
            hash.Add(name);
            hash.Add(value);
        }
        return hash.ToHashCode();
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)sorted).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary><c>{name="value", ...}</c>, as Prometheus writes it.</summary>
    public override string ToString() => "{" + string.Join(", ", sorted.Select(l => $"{l.Key}=\"{l.Value}\"")) + "}";
}

/// <summary>An object of strings. Public so that other projects' generated JSON can use it.</summary>
public sealed class LabelSetJson : JsonConverter<LabelSet>
{
    public override LabelSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("labels are an object of strings");
        var list = new List<KeyValuePair<string, string>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            list.Add(new(name, reader.GetString() ?? ""));
        }
        return LabelSet.From(list);
    }

    public override void Write(Utf8JsonWriter writer, LabelSet value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, label) in value) writer.WriteString(name, label);
        writer.WriteEndObject();
    }
}
