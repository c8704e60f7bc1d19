using System.Buffers;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Pagers;

/// <summary>What one pager answered to a test page.</summary>
/// <param name="Answer">Status line and the first 200 characters, or why it could not be reached.</param>
public sealed record PageTestAnswer(string Pager, bool Accepted, string Answer);

/// <summary>Sends a <c>test</c> page, once, and says what was answered. It is in no log, and owed by nobody.</summary>
/// <param name="answered">Told where a pager took it: <see cref="Dispatch.Answered"/>, since a pager that takes it is well again.</param>
public sealed class PageTest(IReadOnlyDictionary<string, IPager> pagers, TimeProvider time, Action<string, string> answered)
{
    /// <summary>To one pager, or to all where none is named; empty where none has that name.</summary>
    public async Task<IReadOnlyList<PageTestAnswer>> TestAsync(string? pager, CancellationToken cancel)
    {
        var named = pagers.Where(p => pager is null || p.Key == pager).OrderBy(p => p.Key, StringComparer.Ordinal);
        return await Task.WhenAll(named.Select(p => TryAsync(p.Key, p.Value, cancel)));
    }

    private async Task<PageTestAnswer> TryAsync(string name, IPager pager, CancellationToken cancel)
    {
        var id = $"pg_test_{Guid.NewGuid():N}";
        try
        {
            var answer = await pager.SendAsync(new(id, name, "inc_test", "test", Body(id, name, time.GetUtcNow())), cancel);
            var accepted = answer.Verdict == PagerVerdict.Accepted;
            if (accepted) answered(name, answer.Line);
            return new(name, accepted, answer.Line);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(name, false, PlainText.OneLine(e.Message, 200));
        }
    }

    /// <summary>The shape of every page, so that a receiver which reads one reads the other.</summary>
    private static byte[] Body(string id, string pager, DateTimeOffset now)
    {
        var at = now.UtcDateTime.ToString(UtcMilliseconds.Format, System.Globalization.CultureInfo.InvariantCulture);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("pager", pager);
            json.WriteString("kind", "test");
            json.WriteString("urgency", "low");
            json.WriteString("at", at);
            json.WriteString("text", $"Test page to {pager}: nothing is broken. If you can read this, pages reach you.");
            json.WriteStartObject("incident");
            json.WriteString("id", "inc_test");
            json.WriteNumber("version", 1);
            json.WriteString("title", "Test page");
            json.WriteString("state", "open");
            json.WriteString("severity", Severity.Info.Word());
            json.WriteString("openedAt", at);
            json.WriteStartObject("alerts");
            json.WriteNumber("firing", 0);
            json.WriteNumber("resolved", 0);
            json.WriteNumber("repeats", 0);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartArray("changes");
            json.WriteEndArray();
            json.WriteStartArray("rolledUp");
            json.WriteEndArray();
            json.WriteStartArray("suspects");
            json.WriteEndArray();
            json.WriteNumber("unseen", 0);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
