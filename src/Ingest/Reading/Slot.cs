using System.Text.Json;

namespace Ingest.Reading;

/// <summary>A JSON value where it lies in the body: nothing is decoded until somebody asks for it.</summary>
/// <param name="Escaped">A string with backslashes in it.</param>
internal readonly record struct Slot(int Start, int Length, JsonTokenType Type, bool Escaped)
{
    /// <summary>Not there, or null, which means the same in every format we read.</summary>
    public bool Absent => Type is JsonTokenType.None or JsonTokenType.Null;

    public bool IsText => Type == JsonTokenType.String;

    /// <summary>Takes the value that the reader stands on and moves to its last token.</summary>
    public static Slot Take(ref Utf8JsonReader reader)
    {
        var (start, type) = ((int)reader.TokenStartIndex, reader.TokenType);
        var escaped = type == JsonTokenType.String && reader.ValueIsEscaped;
        if (type is JsonTokenType.StartObject or JsonTokenType.StartArray) reader.Skip();
        return new(start, (int)reader.BytesConsumed - start, type, escaped);
    }

    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> body) => body.Slice(Start, Length);

    /// <summary>What the value is, for a sentence: "a number".</summary>
    public string Kind => Type switch
    {
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        _ => "null",
    };
}

/// <summary>What is wrong with a part of a body, and where: <see cref="Field"/> is the path inside the part.</summary>
internal readonly record struct Flaw(string Field, string Problem);
