using System.Globalization;
using Dedupe.Vocabulary;
using Projections;

namespace Pipeline.Api;

/// <summary>What a query string asks for; the first thing in it that cannot be understood is the problem to answer with.</summary>
internal sealed class Asked(HttpRequest request)
{
    public IResult? Problem { get; private set; }

    public string? Text(string name) => request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    public Slice Slice()
    {
        var limit = Projections.Slice.Usual;
        if (Text("limit") is { } text
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit)
                && limit is >= 1 and <= Projections.Slice.Most))
            Refuse("limit", text, $"a number from 1 to {Projections.Slice.Most}");
        if (Text("cursor") is not { } cursor) return new(null, limit);
        if (!Place.TryParse(cursor, out var after)) Refuse("cursor", cursor, "the next of an earlier answer");
        return new(after, limit);
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text) return null;
        if (TryTime(text, out var time)) return time;
        Refuse(name, text, "an RFC 3339 time such as 2026-01-31T12:00:00Z");
        return null;
    }

    /// <summary>All of <c>label=k:v</c>, however often it is given.</summary>
    public LabelSet Labels()
    {
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var text in request.Query["label"])
        {
            if (text is not null && text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                labels.Add(new(text[..colon], text[(colon + 1)..]));
            else Refuse("label", text ?? "", "name:value");
        }
        return LabelSet.From(labels);
    }

    /// <summary>One of a few words; null where none was given.</summary>
    public T? OneOf<T>(string name, params ReadOnlySpan<(string Word, T Value)> words) where T : struct
    {
        if (Text(name) is not { } text) return null;
        var known = new List<string>();
        foreach (var (word, value) in words)
        {
            if (word == text) return value;
            known.Add(word);
        }
        Refuse(name, text, $"one of {string.Join(", ", known)}");
        return null;
    }

    public static bool TryTime(string text, out DateTimeOffset time)
    {
        // An offset's plus that was not escaped in the address arrives as a space.
        if (text.Length > 19 && text[^6] == ' ') text = $"{text[..^6]}+{text[^5..]}";
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    private void Refuse(string name, string text, string wanted) =>
        Problem ??= Answers.BadRequest(name, $"{name} \"{text}\" is not understood; give {wanted}");
}
