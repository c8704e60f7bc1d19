using System.Text.Json;
using System.Text.Unicode;
using Dedupe.Templates;
using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>Log lines, from which the decider learns what is a new class of error. JSON Lines.</summary>
/// <example><code>
/// {"time":"2026-01-31T12:00:00Z","service":"shop","level":"error","message":"cannot get a thread for order 4711"}
/// {"time":"2026-01-31T12:00:01Z","service":"shop","level":"info","message":"order 4712 done"}
/// </code>Each line is an alert; below <c>error</c> it only trains. Its label <c>template</c> is the decider's to add.</example>
internal sealed class LogsSource : ISource
{
    public string Name => "logs";

    public Parsed Parse(ReadOnlyMemory<byte> memory, ParseContext context)
    {
        var body = JsonBody.WithoutMark(memory.Span);
        var cache = IdentityCache.For(context);
        var found = new Found();
        var index = 0;
        foreach (var range in body.Split((byte)'\n'))
        {
            var line = body[range].Trim(" \t\r"u8);
            if (line.IsEmpty) continue;
            if (index >= context.Limits.Alerts) return JsonBody.TooMany("body", context.Limits.Alerts);
            if (TryRead(line, context, cache, out var alert, out var flaw)) found.Alerts.Add(alert);
            else found.Reject(index, flaw.Field.Length == 0 ? $"lines[{index}]" : $"lines[{index}].{flaw.Field}", flaw.Problem);
            index++;
        }
        return index == 0 ? Parsed.Failed("body", "is empty; send a JSON object a line") : found.Parsed;
    }

    private static bool TryRead(ReadOnlySpan<byte> line, ParseContext context, IdentityCache cache, out Alert alert, out Flaw flaw)
    {
        alert = null!;
        try
        {
            if (!TryTake(line, context.Limits, out var time, out var service, out var level, out var message, out flaw)) return false;
            if (!Dates.TryRead(line, time, "time", out var at, out flaw) || Identity(line, service, context, cache, out flaw) is not { } identity) return false;
            if (!TryLevel(line, level, context.Identities, out var severity, out var trains, out flaw)) return false;
            if (!Texts.TryRead(line, message, "message", context.Limits.ValueBytes, null, out var text, out flaw)) return false;
            if (string.IsNullOrEmpty(text)) flaw = new("message", "is missing or empty; write the log message");
            else if (!Utf8.IsValid(line)) flaw = new(JsonPath.OfFirstFlaw(line, context.Limits.Depth) ?? "", Texts.NotUtf8);
            if (flaw.Problem is not null) return false;
            alert = new() { Identity = identity, Severity = severity, Summary = text!, LogMessage = StackTraces.Essence(text!), TrainsOnly = trains, StartsAt = at };
            return true;
        }
        catch (JsonException e)
        {
            var problem = JsonBody.NotJson(line, context.Limits.Depth, e).Problem!;
            flaw = new(problem.Field == "body" ? "" : problem.Field, problem.Problem);
            return false;
        }
    }

    private static bool TryTake(
        ReadOnlySpan<byte> line, IngestLimits limits, out Slot time, out Slot service, out Slot level, out Slot message, out Flaw flaw)
    {
        time = service = level = message = default;
        flaw = default;
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = limits.Depth });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            flaw = new("", $"is {Slot.Take(ref reader).Kind}; write an object with service, level and message");
            return false;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonBody.Name(ref reader);
            reader.Read();
            if (name.SequenceEqual("time"u8)) time = Slot.Take(ref reader);
            else if (name.SequenceEqual("service"u8)) service = Slot.Take(ref reader);
            else if (name.SequenceEqual("level"u8)) level = Slot.Take(ref reader);
            else if (name.SequenceEqual("message"u8)) message = Slot.Take(ref reader);
            else reader.Skip();
        }
        reader.Read();
        return true;
    }

    // Remembered by the service's raw text, quotes and all, so never mistaken for a labels object.
    private static Identity? Identity(ReadOnlySpan<byte> line, Slot service, ParseContext context, IdentityCache cache, out Flaw flaw)
    {
        flaw = default;
        var raw = service.Absent ? "\"\""u8 : service.In(line);
        if (service.IsText && cache.Find(raw) is { } known) return known.Identity;
        if (!Texts.TryReadLabel(line, service, "service", context.Limits.ValueBytes, out var name, out flaw)) return null;
        var identity = context.Identities.Read([new("alertname", LogLabels.AlertName), new("service", name ?? "")]);
        return service.IsText ? cache.Add(raw, identity).Identity : identity;
    }

    private static bool TryLevel(ReadOnlySpan<byte> line, Slot level, Identities identities, out Severity severity, out bool trains, out Flaw flaw)
    {
        (severity, trains) = (Severity.Info, true);
        if (!Texts.TryRead(line, level, "level", 64, null, out var word, out flaw)) return false;
        switch (word?.ToUpperInvariant())
        {
            case "ERROR" or "ERR" or "SEVERE" or "FATAL" or "CRITICAL" or "CRIT" or "ALERT" or "EMERG" or "EMERGENCY" or "PANIC":
                severity = identities.SeverityOf(word) is var known and not Severity.Unknown ? known : Severity.Critical;
                trains = false;
                return true;
            case "WARN" or "WARNING":
                severity = Severity.Warning;
                return true;
            case "INFO" or "INFORMATION" or "INFORMATIONAL" or "NOTICE" or "DEBUG" or "TRACE" or "VERBOSE" or "FINE":
                return true;
            default:
                flaw = new("level", "is missing or no level we know; write error, warn, info or debug");
                return false;
        }
    }
}
