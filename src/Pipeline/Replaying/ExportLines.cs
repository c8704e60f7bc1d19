using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>Writes replay lines: what <see cref="JsonLines"/> reads.</summary>
internal sealed class ExportLines(PipeWriter output) : IDisposable
{
    /// <summary>Handed on in pieces of this size, so that no more than one waits for a slow reader.</summary>
    private const int Piece = 64 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Utf8JsonWriter json = new(output, Options);
    private long unflushed;

    /// <summary>The numbers that the scopes' next inputs have, and which label names the scope.</summary>
    public void Numbers(DateTimeOffset at, IEnumerable<KeyValuePair<string, long>> next, string? scopeLabel)
    {
        json.WriteStartObject();
        Time("at", at);
        json.WriteStartObject("numbers");
        foreach (var (scope, number) in next) json.WriteNumber(scope, number);
        json.WriteEndObject();
        if (scopeLabel is not null) json.WriteString("scopeLabel", scopeLabel);
        End();
    }

    public void Paged(string scope, PagedChange change)
    {
        json.WriteStartObject();
        Time("at", change.At);
        json.WriteString("scope", scope);
        json.WritePropertyName("paged");
        JsonSerializer.Serialize(json, new(change.Pager, Words.Of(change.Reason), change.Fingerprint, change.Labels), ReplayJson.Default.PagedLine);
        End();
    }

    /// <param name="at">When it counts: its own time, or for rules that were in force already the time from which on they are needed.</param>
    /// <param name="setAside">The scopes in which it could not be decided, and why.</param>
    public void Input(string scope, InputRecord record, DateTimeOffset at, IReadOnlyDictionary<string, string>? setAside = null)
    {
        json.WriteStartObject();
        Time("at", at);
        if (record.Kind == InputKind.Delivery)
        {
            Time("receivedAt", record.ReceivedAt);
            json.WriteString("source", record.Source);
            if (record.Id.Length > 0) json.WriteString("id", record.Id);
            if (record.Key is not null) json.WriteString("key", record.Key);
            if (setAside is not null) SetAside(setAside);
            Body(record.Body);
        }
        else
        {
            json.WriteString("scope", scope);
            if (setAside is not null) SetAside(setAside);
            json.WritePropertyName(NameOf(record.Kind));
            if (record.Kind == InputKind.Tick) json.WriteBooleanValue(true);
            else json.WriteRawValue(record.Body.Span, skipInputValidation: true);
        }
        End();
    }

    /// <summary>Hands on what is enough; false when nobody reads any more.</summary>
    public async ValueTask<bool> FlushAsync(bool all, CancellationToken cancel)
    {
        if (unflushed < Piece && !all) return true;
        unflushed = 0;
        return !(await output.FlushAsync(cancel)).IsCompleted;
    }

    public void Dispose() => json.Dispose();

    private static string NameOf(InputKind kind) => kind switch
    {
        InputKind.Tick => "tick",
        InputKind.Blind => "blind",
        InputKind.Rules => "rules",
        InputKind.Topology => "topology",
        InputKind.Act => "act",
        InputKind.Pager => "pager",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private void End()
    {
        json.WriteEndObject();
        json.Flush();
        unflushed += json.BytesCommitted + 1;
        json.Reset();
        output.Write("\n"u8);
    }

    private void SetAside(IReadOnlyDictionary<string, string> why)
    {
        json.WriteStartObject("setAside");
        foreach (var (scope, error) in why) json.WriteString(scope, error);
        json.WriteEndObject();
    }

    /// <summary>As it is where it is JSON on one line, else as a string; bytes that are no text at all in base64.</summary>
    private void Body(ReadOnlyMemory<byte> body)
    {
        var span = body.Span;
        if (span.IndexOfAny((byte)'\n', (byte)'\r') < 0 && IsObjectOrArray(span))
        {
            json.WritePropertyName("body");
            json.WriteRawValue(span, skipInputValidation: true);
        }
        else if (Utf8.IsValid(span)) json.WriteString("body", span);
        else json.WriteBase64String("bodyBase64", span);
    }

    private static bool IsObjectOrArray(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body)) return false;
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Time(string name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[Rfc3339.Length];
        Rfc3339.Write(time, text);
        json.WriteString(name, text);
    }
}
