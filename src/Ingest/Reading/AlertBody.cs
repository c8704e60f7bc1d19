using System.Text.Json;
using System.Text.Unicode;
using Dedupe.Vocabulary;

namespace Ingest.Reading;

/// <summary>Reads a body of labelled alerts: one object, an array, or an envelope with <c>alerts</c>. A bad alert does not spoil the others.</summary>
/// <remarks>
/// The hot path. One pass of <see cref="Utf8JsonReader"/>, no document; a re-sent alert allocates its <see cref="Alert"/> and hardly more.
/// </remarks>
internal sealed class AlertBody
{
    private readonly ParseContext context;
    private readonly IdentityCache cache;
    private readonly AlertFormat format;
    private readonly bool broken;
    private readonly List<Alert> alerts = new(1);
    private List<RejectedPart>? rejected;
    private List<int>? withoutStatus;

    /// <summary>Path of the array, null for a single alert.</summary>
    private string? array;

    private AlertBody(ReadOnlySpan<byte> body, ParseContext context, AlertFormat format)
    {
        (this.context, this.format, cache) = (context, format, IdentityCache.For(context));
        // The reader does not look into texts that it skips, and what is recorded must be text everywhere.
        broken = !Utf8.IsValid(body);
    }

    public static Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context, AlertFormat format) =>
        JsonBody.Parse(body, context, format, static (ref reader, body, context, format) => new AlertBody(body, context, format).Read(ref reader, body));

    private Parsed Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        if (reader.TokenType == JsonTokenType.StartArray) return ReadArray(ref reader, body, "") ? Result() : TooMany();
        if (reader.TokenType != JsonTokenType.StartObject)
            return Parsed.Failed("body", $"is {Slot.Take(ref reader).Kind}; send an alert, an array of alerts, or {{\"alerts\":[...]}}");
        var slots = default(AlertSlots);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonBody.Name(ref reader);
            reader.Read();
            if (!name.SequenceEqual("alerts"u8)) slots.Take(ref reader, name);
            else if (reader.TokenType != JsonTokenType.StartArray) return Parsed.Failed("alerts", $"is {Slot.Take(ref reader).Kind}; write an array of alerts");
            else if (!ReadArray(ref reader, body, "alerts")) return TooMany();
        }
        if (array is null) Add(slots, body, 0, body);
        else if (withoutStatus is not null && slots.SaysResolved(body))
        {
            foreach (var i in withoutStatus) alerts[i] = alerts[i] with { Status = AlertStatus.Resolved };
        }
        return Result();
    }

    private bool ReadArray(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, string path)
    {
        array = path;
        alerts.Clear();
        (rejected, withoutStatus) = (null, null);
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (index >= context.Limits.Alerts) return false;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                Reject(index, "", $"is {Slot.Take(ref reader).Kind}; an alert is an object with labels");
                continue;
            }
            var start = (int)reader.TokenStartIndex;
            var slots = default(AlertSlots);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonBody.Name(ref reader);
                reader.Read();
                slots.Take(ref reader, name);
            }
            Add(slots, body, index, body[start..(int)reader.BytesConsumed]);
        }
        return true;
    }

    private void Add(in AlertSlots slots, ReadOnlySpan<byte> body, int index, ReadOnlySpan<byte> whole)
    {
        if (!slots.TryBuild(body, context, cache, format, out var alert, out var flaw)) Reject(index, flaw.Field, flaw.Problem);
        else if (broken && JsonPath.OfFirstFlaw(whole, context.Limits.Depth) is { } path) Reject(index, path, Texts.NotUtf8);
        else
        {
            if (slots.SaysNoStatus && array == "alerts") (withoutStatus ??= []).Add(alerts.Count);
            alerts.Add(alert);
        }
    }

    private void Reject(int index, string field, string problem)
    {
        var part = array is null ? "" : $"{array}[{index}]";
        (rejected ??= []).Add(new(index, part.Length == 0 ? field : field.Length == 0 ? part : $"{part}.{field}", problem));
    }

    private Parsed TooMany() => JsonBody.TooMany(array is "" or null ? "body" : array, context.Limits.Alerts);

    private Parsed Result() => JsonBody.Result(alerts, [], rejected);
}
