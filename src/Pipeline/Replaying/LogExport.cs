using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Dedupe.Deciding;
using Dedupe.Log;

namespace Pipeline.Replaying;

/// <summary>The log's inputs as the JSON Lines that <c>replay</c> reads: what <see cref="JsonLines"/> documents.</summary>
public sealed class LogExport(ILog log)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A delivery lies in every scope that it has alerts for, within moments: this is how far apart copies are looked for.</summary>
    private static readonly TimeSpan CopiesWithin = TimeSpan.FromHours(1);

    /// <summary>Writes what was recorded from <paramref name="from"/> on and before <paramref name="to"/>, in order of time; says how many deliveries.</summary>
    public async Task<long> WriteAsync(DateTimeOffset? from, DateTimeOffset? to, PipeWriter output, CancellationToken cancel)
    {
        var scopes = new List<Cursor>();
        try
        {
            foreach (var (number, name) in await log.ScopesAsync(cancel)) scopes.Add(await OpenAsync(number, name, from, cancel));
            scopes.RemoveAll(s => s.Ended(to));
            await using var json = new Utf8JsonWriter(output, Options);
            if (scopes.Count > 0) WriteNumbers(json, output, scopes);
            return await WriteAsync(scopes, to, json, output, cancel);
        }
        finally
        {
            foreach (var scope in scopes) await scope.Inputs.DisposeAsync();
        }
    }

    /// <summary>The same as a replay's input, read while it is written.</summary>
    public ReplayInput AsInput(DateTimeOffset? from, DateTimeOffset? to) => new("the log", 0, () =>
    {
        var pipe = new Pipe(new(pauseWriterThreshold: 1024 * 1024, resumeWriterThreshold: 512 * 1024));
        _ = Task.Run(async () =>
        {
            try
            {
                await WriteAsync(from, to, pipe.Writer, CancellationToken.None);
                await pipe.Writer.CompleteAsync();
            }
            catch (Exception e)
            {
                // Handed on: whoever reads the pipe gets it.
                await pipe.Writer.CompleteAsync(e);
            }
        });
        return pipe.Reader.AsStream();
    });

    private static async Task<long> WriteAsync(List<Cursor> scopes, DateTimeOffset? to, Utf8JsonWriter json, PipeWriter output, CancellationToken cancel)
    {
        var deliveries = 0L;
        var severalScopes = scopes.Count > 1;
        var written = new HashSet<string>(StringComparer.Ordinal);
        var inOrder = new Queue<(DateTimeOffset At, string Id)>();
        while (scopes.Count > 0)
        {
            var next = scopes.MinBy(s => s.Current.At)!; // of equal times the scope made first
            var record = next.Current;
            while (inOrder.TryPeek(out var oldest) && oldest.At < record.At - CopiesWithin) written.Remove(inOrder.Dequeue().Id);
            if (!severalScopes || record.Id.Length == 0 || written.Add(record.Id))
            {
                if (severalScopes && record.Id.Length > 0) inOrder.Enqueue((record.At, record.Id));
                if (record.Kind == InputKind.Delivery) deliveries++;
                json.Reset();
                Write(json, next.Name, record);
                await json.FlushAsync(cancel);
                output.Write("\n"u8);
                if (output.UnflushedBytes > 64 * 1024 && (await output.FlushAsync(cancel)).IsCompleted) return deliveries;
            }
            await next.MoveAsync();
            if (next.Ended(to)) scopes.Remove(next);
        }
        await output.FlushAsync(cancel);
        return deliveries;
    }

    private static void WriteNumbers(Utf8JsonWriter json, PipeWriter output, List<Cursor> scopes)
    {
        json.WriteStartObject();
        Time(json, "at", scopes.Min(s => s.Current.At));
        json.WriteStartObject("numbers");
        foreach (var scope in scopes) json.WriteNumber(scope.Name, scope.Current.Number);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter json, string scope, InputRecord record)
    {
        json.WriteStartObject();
        Time(json, "at", record.At);
        if (record.Kind == InputKind.Delivery)
        {
            Time(json, "receivedAt", record.ReceivedAt);
            json.WriteString("source", record.Source);
            if (record.Id.Length > 0) json.WriteString("id", record.Id);
            if (record.Key is not null) json.WriteString("key", record.Key);
            WriteBody(json, record.Body);
        }
        else
        {
            json.WriteString("scope", scope);
            json.WritePropertyName(record.Kind switch
            {
                InputKind.Tick => "tick",
                InputKind.Blind => "blind",
                InputKind.Rules => "rules",
                InputKind.Topology => "topology",
                InputKind.Act => "act",
                InputKind.Pager => "pager",
                _ => throw new System.Diagnostics.UnreachableException(),
            });
            if (record.Kind == InputKind.Tick) json.WriteBooleanValue(true);
            else json.WriteRawValue(record.Body.Span, skipInputValidation: true);
        }
        json.WriteEndObject();
    }

    /// <summary>As it is where it is JSON on one line, else as a string; bytes that are no text at all in base64.</summary>
    private static void WriteBody(Utf8JsonWriter json, ReadOnlyMemory<byte> body)
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

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[Rfc3339.Length];
        Rfc3339.Write(time, text);
        json.WriteString(name, text);
    }

    private async Task<Cursor> OpenAsync(int scope, string name, DateTimeOffset? from, CancellationToken cancel)
    {
        var position = await log.PositionAsync(scope, cancel);
        var cursor = new Cursor(name, log.ReadInputsAsync(scope, Math.Max(1, position.FirstInput), cancel).GetAsyncEnumerator(cancel));
        await cursor.MoveAsync();
        while (!cursor.Ended(null) && cursor.Current.At < from) await cursor.MoveAsync();
        return cursor;
    }

    /// <summary>One scope's inputs, at one of them.</summary>
    private sealed class Cursor(string name, IAsyncEnumerator<InputRecord> inputs)
    {
        private bool more;

        public string Name => name;
        public IAsyncEnumerator<InputRecord> Inputs => inputs;
        public InputRecord Current => inputs.Current;

        public async ValueTask MoveAsync() => more = await inputs.MoveNextAsync();

        public bool Ended(DateTimeOffset? to) => !more || inputs.Current.At >= to;
    }
}

/// <summary>What the log recorded as paged, for <c>--against recorded</c>.</summary>
public static class RecordedPages
{
    public static async Task<IReadOnlyList<PagedChange>> ReadAsync(ILog log, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancel)
    {
        var paged = new PagedChanges();
        foreach (var (scope, name) in await log.ScopesAsync(cancel))
            await foreach (var record in log.ReadDecisionsAsync(scope, 1, cancel))
            {
                if (record.At >= to) break;
                if (record.Type is "change-surfaced" or "page-decided") paged.Decided(name, DecisionCodec.Read(record), !(record.At < from));
            }
        return paged.All;
    }
}
