using System.Text.Json;

namespace Ingest.Reading;

/// <summary>The fields of one JSON object by name, for formats that do not come by the thousand. Of a repeated key the last one counts.</summary>
internal readonly ref struct Fields
{
    /// <summary>An object of ours has a dozen fields; beyond this many names the rest is not looked at.</summary>
    private const int Most = 512;

    private readonly ReadOnlySpan<byte> body;
    private readonly Dictionary<string, Slot> slots;
    private readonly IngestLimits limits;
    private readonly string path;

    private Fields(ReadOnlySpan<byte> body, Dictionary<string, Slot> slots, IngestLimits limits, string path)
    {
        this.body = body;
        this.slots = slots;
        this.limits = limits;
        this.path = path;
    }

    /// <param name="whole">The body, in which <paramref name="at"/> is an object.</param>
    /// <param name="path">What stands before the names in messages, with its dot.</param>
    /// <param name="spell">Makes several spellings of a name one.</param>
    public static Fields Of(ReadOnlySpan<byte> whole, Slot at, IngestLimits limits, string path = "", Func<string, string>? spell = null)
    {
        var slots = new Dictionary<string, Slot>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(at.In(whole), new JsonReaderOptions { MaxDepth = limits.Depth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var utf8 = JsonBody.Name(ref reader);
            var name = utf8.Length <= JsonBody.LongestName && System.Text.Unicode.Utf8.IsValid(utf8) ? System.Text.Encoding.UTF8.GetString(utf8) : "";
            if (spell is not null) name = spell(name);
            reader.Read();
            var slot = Slot.Take(ref reader);
            if (slots.Count < Most || slots.ContainsKey(name)) slots[name] = slot with { Start = slot.Start + at.Start };
        }
        return new(whole, slots, limits, path);
    }

    public Slot this[string name] => slots.GetValueOrDefault(name);

    /// <summary>The field's path, for a message.</summary>
    public string Path(string name) => path + name;

    public bool Has(string name) => slots.TryGetValue(name, out var slot) && !slot.Absent;

    /// <summary>Text of at most a value's bytes; null where absent or empty.</summary>
    public bool Text(string name, out string? text, out Flaw flaw)
    {
        if (!Texts.TryRead(body, this[name], path + name, limits.ValueBytes, null, out text, out flaw)) return false;
        if (text is { Length: 0 }) text = null;
        return true;
    }

    public bool Date(string name, out DateTimeOffset? date, out Flaw flaw) => Dates.TryRead(body, this[name], path + name, out date, out flaw);

    public bool Number(string name, out double? number, out Flaw flaw) => Numbers.TryRead(body, this[name], path + name, out number, out flaw);

    /// <summary>An object inside; without fields where it is absent.</summary>
    public bool Object(string name, out Fields inner, out Flaw flaw)
    {
        inner = new(body, [], limits, path + name + ".");
        flaw = default;
        var slot = this[name];
        if (slot.Absent) return true;
        if (slot.Type != JsonTokenType.StartObject)
        {
            flaw = new(path + name, $"is {slot.Kind}; write an object");
            return false;
        }
        inner = Of(body, slot, limits, path + name + ".");
        return true;
    }

    /// <summary>The objects in an array; at most 100, what is none is passed over.</summary>
    public List<Slot> Objects(string name)
    {
        var (slot, objects) = (this[name], new List<Slot>());
        if (slot.Type != JsonTokenType.StartArray) return objects;
        var reader = new Utf8JsonReader(slot.In(body), new JsonReaderOptions { MaxDepth = limits.Depth });
        reader.Read();
        while (objects.Count < 100 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var item = Slot.Take(ref reader);
            if (item.Type == JsonTokenType.StartObject) objects.Add(item with { Start = item.Start + slot.Start });
        }
        return objects;
    }

    /// <summary>The fields of an object that <see cref="Objects"/> gave.</summary>
    public Fields Inside(Slot inner) => Of(body, inner, limits, path);

    /// <summary>Texts of an array, or one text; at most 1,000.</summary>
    public bool List(string name, out List<string> texts, out Flaw flaw)
    {
        (texts, flaw) = ([], default);
        var slot = this[name];
        if (slot.Absent) return true;
        if (slot.Type != JsonTokenType.StartArray)
        {
            if (!Text(name, out var one, out flaw)) return false;
            if (one is not null) texts.Add(one);
            return true;
        }
        var reader = new Utf8JsonReader(slot.In(body), new JsonReaderOptions { MaxDepth = limits.Depth });
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var item = Slot.Take(ref reader);
            item = item with { Start = item.Start + slot.Start };
            if (texts.Count == 1000) flaw = new(path + name, "holds more than 1000 entries");
            else if (!item.IsText) flaw = new($"{path}{name}[{texts.Count}]", $"is {item.Kind}; write text");
            else if (Texts.TryRead(body, item, $"{path}{name}[{texts.Count}]", limits.ValueBytes, null, out var text, out flaw)) texts.Add(text!);
            if (flaw.Problem is not null) return false;
        }
        return true;
    }

    /// <summary>Labels of an object, added to what is there; nothing where it is absent.</summary>
    public bool Labels(string name, List<KeyValuePair<string, string>> labels, out Flaw flaw)
    {
        flaw = default;
        var slot = this[name];
        if (slot.Type != JsonTokenType.StartObject) return true;
        if (LabelObject.TryRead(slot.In(body), limits, labels, out flaw)) return true;
        flaw = flaw with { Field = path + name + flaw.Field["labels".Length..] };
        return false;
    }

    /// <summary>Text that says what alerts; null where absent or empty, a flaw where it cannot be a label.</summary>
    public bool Label(string name, out string? text, out Flaw flaw)
    {
        if (!Texts.TryReadLabel(body, this[name], path + name, limits.ValueBytes, out text, out flaw)) return false;
        if (text is { Length: 0 }) text = null;
        return true;
    }
}
