using System.Text.Json;
using Dedupe.Vocabulary;

namespace Ingest.Reading;

/// <summary>How formats of labelled alerts differ from one another.</summary>
/// <param name="AbsentEnd">Taken as the end, after receipt, where the sender gave none.</param>
/// <param name="ReadsStatus">There is a status; else only endsAt tells the end.</param>
/// <param name="NamesItself">Without any text of its own an alert is summed up by its alertname.</param>
/// <param name="TitleNames">An alert without alertname has its name in its title.</param>
/// <param name="PerSeverity">Its sender tells alerts apart by all their labels, the severity included.</param>
internal sealed record AlertFormat(TimeSpan? AbsentEnd = null, bool ReadsStatus = true, bool NamesItself = true, bool TitleNames = false, bool PerSeverity = true);

/// <summary>Where the fields of one labelled alert lie. Filled in one pass, so that of a repeated key the last one counts.</summary>
internal struct AlertSlots
{
    private Slot labels, annotations, status, severity, summary, value, values, startsAt, endsAt, url, generatorUrl, title;
    private Slot noteSummary, noteDescription, noteMessage, noteValue;

    /// <summary>True where the alert does not say whether it fires: its envelope may.</summary>
    public readonly bool SaysNoStatus => status.Absent;

    /// <summary>An envelope's status, which counts for alerts that have none.</summary>
    public readonly bool SaysResolved(ReadOnlySpan<byte> body) => status.IsText && status.In(body).SequenceEqual("\"resolved\""u8);

    /// <summary>Takes the property that the reader stands on.</summary>
    public void Take(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 3 when name.SequenceEqual("url"u8): url = Slot.Take(ref reader); break;
            case 5 when name.SequenceEqual("value"u8): value = Slot.Take(ref reader); break;
            case 5 when name.SequenceEqual("title"u8): title = Slot.Take(ref reader); break;
            case 6 when name.SequenceEqual("labels"u8): labels = Slot.Take(ref reader); break;
            case 6 when name.SequenceEqual("status"u8): status = Slot.Take(ref reader); break;
            case 6 when name.SequenceEqual("endsAt"u8): endsAt = Slot.Take(ref reader); break;
            case 6 when name.SequenceEqual("values"u8): values = Slot.Take(ref reader); break;
            case 7 when name.SequenceEqual("summary"u8): summary = Slot.Take(ref reader); break;
            case 8 when name.SequenceEqual("severity"u8): severity = Slot.Take(ref reader); break;
            case 8 when name.SequenceEqual("startsAt"u8): startsAt = Slot.Take(ref reader); break;
            case 11 when name.SequenceEqual("annotations"u8): TakeAnnotations(ref reader); break;
            case 12 when name.SequenceEqual("generatorURL"u8): generatorUrl = Slot.Take(ref reader); break;
            default: reader.Skip(); break;
        }
    }

    /// <summary>The alert in these fields; false with the flaw where there is none.</summary>
    public readonly bool TryBuild(
        ReadOnlySpan<byte> body, ParseContext context, IdentityCache cache, AlertFormat format, out Alert alert, out Flaw flaw)
    {
        alert = null!;
        if (Identity(body, context, cache, format, out flaw) is not { } known) return false;
        var identity = known.Identity;
        if (!annotations.Absent && annotations.Type != JsonTokenType.StartObject)
        {
            flaw = new("annotations", $"is {annotations.Kind}; write an object");
            return false;
        }
        var (text, textField) = Said();
        if (!Texts.TryRead(body, text, textField, context.Limits.ValueBytes, known.Summary, out var said, out flaw)) return false;
        var (link, linkField) = url.Absent ? (generatorUrl, "generatorURL") : (url, "url");
        if (!Texts.TryRead(body, link, linkField, context.Limits.ValueBytes, known.Url, out var href, out flaw)) return false;
        if (href is not null && !ReferenceEquals(href, known.Url)) href = SharedTexts.Links.Share(href);
        known.Keep(said, href);
        if (!Dates.TryRead(body, startsAt, "startsAt", out var starts, out flaw)) return false;
        if (!Dates.TryReadEnd(body, endsAt, "endsAt", out var ends, out flaw)) return false;
        if (!Numbers.TryRead(body, value, "value", out var number, out flaw)) return false;
        var resolved = false;
        if (format.ReadsStatus && !TryResolved(body, status, out resolved, out flaw)) return false;
        var level = identity.LabelSeverity;
        if (!severity.Absent)
        {
            if (!Texts.TryRead(body, severity, "severity", 64, null, out var word, out flaw)) return false;
            level = context.Identities.SeverityOf(word, identity);
        }
        alert = new()
        {
            Identity = identity,
            Status = resolved || ends <= context.ReceivedAt ? AlertStatus.Resolved : AlertStatus.Firing,
            Severity = level,
            Summary = said is { Length: > 0 } ? said : format.NamesItself ? identity.Labels["alertname"] ?? "" : "",
            Value = number ?? Numbers.In(body, noteValue) ?? FirstOf(body) ?? identity.LabelValue,
            StartsAt = starts,
            EndsAt = Dates.IsNever(ends) ? null : ends ?? context.ReceivedAt + format.AbsentEnd,
            Url = string.IsNullOrEmpty(href) ? null : href,
            PerSeverity = format.PerSeverity && severity.Absent,
        };
        return true;
    }

    private void TakeAnnotations(ref Utf8JsonReader reader)
    {
        noteSummary = noteDescription = noteMessage = noteValue = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            annotations = Slot.Take(ref reader);
            return;
        }
        annotations = new((int)reader.TokenStartIndex, 1, JsonTokenType.StartObject, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            switch (name.Length)
            {
                case 5 when name.SequenceEqual("value"u8): noteValue = Slot.Take(ref reader); break;
                case 7 when name.SequenceEqual("summary"u8): noteSummary = Slot.Take(ref reader); break;
                case 7 when name.SequenceEqual("message"u8): noteMessage = Slot.Take(ref reader); break;
                case 11 when name.SequenceEqual("description"u8): noteDescription = Slot.Take(ref reader); break;
                default: reader.Skip(); break;
            }
        }
    }

    private readonly KnownIdentity? Identity(ReadOnlySpan<byte> body, ParseContext context, IdentityCache cache, AlertFormat format, out Flaw flaw)
    {
        if (labels.Type != JsonTokenType.StartObject)
        {
            flaw = labels.Absent
                ? new("labels", "is missing; an alert needs labels, such as {\"alertname\":\"HostDown\",\"host\":\"db-1\"}")
                : new("labels", $"is {labels.Kind}; write an object of names and texts");
            return null;
        }
        var known = cache.Read(labels.In(body), out flaw);
        // A Grafana rule that is posted as it is configured has its name in the title.
        if (known is not null && format.TitleNames && !title.Absent && known.Identity.Labels["alertname"] is null) known = Named(body, context, known, out flaw);
        if (known is null) return null;
        if (known.Identity.Labels.Count > 0) return known;
        flaw = new("labels", "says nothing about what alerts: no label, or only empty and volatile ones; add one such as alertname");
        return null;
    }

    private readonly KnownIdentity? Named(ReadOnlySpan<byte> body, ParseContext context, KnownIdentity known, out Flaw flaw)
    {
        if (!Texts.TryReadLabel(body, title, "title", context.Limits.ValueBytes, out var name, out flaw)) return null;
        var identity = known.Identity;
        var named = context.Identities.Read([.. identity.Labels, new("alertname", name ?? "")]);
        return new(named with { Observers = identity.Observers, LabelSeverity = identity.LabelSeverity, LabelValue = identity.LabelValue });
    }

    private readonly (Slot Slot, string Field) Said() =>
        Says(summary) ? (summary, "summary")
        : Says(noteSummary) ? (noteSummary, "annotations.summary")
        : Says(noteDescription) ? (noteDescription, "annotations.description")
        : (noteMessage, "annotations.message");

    private static bool Says(Slot slot) => !slot.Absent && !(slot.IsText && slot.Length == 2);

    private static bool TryResolved(ReadOnlySpan<byte> body, Slot status, out bool resolved, out Flaw flaw)
    {
        (resolved, flaw) = (false, default);
        if (!Says(status)) return true;
        if (status.IsText)
        {
            var word = body.Slice(status.Start + 1, status.Length - 2);
            if (word.SequenceEqual("firing"u8)) return true;
            if (resolved = word.SequenceEqual("resolved"u8)) return true;
        }
        flaw = new("status", "is neither \"firing\" nor \"resolved\"; write one of them");
        return false;
    }

    // Grafana gives a map from query to number; the first is what was measured, the later ones are conditions upon it.
    private readonly double? FirstOf(ReadOnlySpan<byte> body)
    {
        if (values.Type != JsonTokenType.StartObject) return null;
        var reader = new Utf8JsonReader(values.In(body));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number)) return number;
            reader.Skip();
        }
        return null;
    }
}
