using System.Text.Json;
using System.Text.Unicode;
using Dedupe.Vocabulary;

namespace Ingest.Reading;

/// <summary>Reads a body that is one object or an array of them, each on its own.</summary>
internal static class ObjectBody
{
    /// <summary>Reads one object's fields into <paramref name="found"/>; false with the flaw where it cannot.</summary>
    public delegate bool ReadOne(Fields fields, ParseContext context, Found found, out Flaw flaw);

    /// <param name="array">Name of the property that may hold the array, null for none.</param>
    public static Parsed Parse(ReadOnlyMemory<byte> memory, ParseContext context, ReadOne one, string? array = null, Func<string, string>? spell = null) =>
        JsonBody.Parse(memory, context, (one, array, spell), static (ref reader, body, context, how) =>
        {
            var slot = Slot.Take(ref reader);
            var found = new Found();
            if (slot.Type == JsonTokenType.StartObject)
            {
                if (how.array is not null && Fields.Of(body, slot, context.Limits) is var outer && outer[how.array] is { Type: JsonTokenType.StartArray } inner)
                    return ReadArray(body, inner, how.array, context, how.one, how.spell, found);
                Take(body, slot, 0, "", context, how.one, how.spell, found);
                return found.Parsed;
            }
            return slot.Type == JsonTokenType.StartArray
                ? ReadArray(body, slot, "", context, how.one, how.spell, found)
                : Parsed.Failed("body", $"is {slot.Kind}; send an object or an array of objects");
        });

    private static Parsed ReadArray(
        ReadOnlySpan<byte> body, Slot array, string path, ParseContext context, ReadOne one, Func<string, string>? spell, Found found)
    {
        var reader = new Utf8JsonReader(array.In(body), new JsonReaderOptions { MaxDepth = context.Limits.Depth });
        reader.Read();
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (index >= context.Limits.Alerts) return JsonBody.TooMany(path.Length == 0 ? "body" : path, context.Limits.Alerts);
            var slot = Slot.Take(ref reader);
            slot = slot with { Start = slot.Start + array.Start };
            var part = $"{path}[{index}]";
            if (slot.Type != JsonTokenType.StartObject) found.Reject(index, part, $"is {slot.Kind}; write an object");
            else Take(body, slot, index, part + ".", context, one, spell, found);
        }
        return found.Parsed;
    }

    private static void Take(
        ReadOnlySpan<byte> body, Slot slot, int index, string path, ParseContext context, ReadOne one, Func<string, string>? spell, Found found)
    {
        // Fields that nobody reads are recorded all the same, and what is recorded must be text everywhere.
        if (!Utf8.IsValid(slot.In(body))) found.Reject(index, path + JsonPath.OfFirstFlaw(slot.In(body), context.Limits.Depth), Texts.NotUtf8);
        else if (!one(Fields.Of(body, slot, context.Limits, path, spell), context, found, out var flaw)) found.Reject(index, Rooted(path, flaw.Field), flaw.Problem);
    }

    // A reader that names a field itself does not know where in the array it is.
    private static string Rooted(string path, string field) => field.StartsWith(path, StringComparison.Ordinal) ? field : path + field;
}

/// <summary>What was found in a body so far.</summary>
internal sealed class Found
{
    public List<Alert> Alerts { get; } = [];
    public List<Change> Changes { get; } = [];
    public List<RejectedPart> Rejected { get; } = [];

    /// <summary>Adds what was found in one of several bodies that came as one.</summary>
    /// <param name="path">What stands before the fields of that one in messages.</param>
    public void Add(Parsed one, int index, string path)
    {
        Alerts.AddRange(one.Alerts);
        Changes.AddRange(one.Changes);
        if (one.Problem is { } problem) Reject(index, problem.Field is "" or "body" ? path : $"{path}.{problem.Field}", problem.Problem);
        else foreach (var part in one.Rejected) Reject(index, $"{path}.{part.Field}", part.Problem);
    }

    public void Reject(int index, string field, string problem) => Rejected.Add(new(index, field, problem));

    public Parsed Parsed => JsonBody.Result(Alerts, Changes, Rejected);
}
