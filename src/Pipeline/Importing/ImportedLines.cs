using System.Text.Json;
using Dedupe.Deciding;
using Pipeline.Replaying;

namespace Pipeline.Importing;

/// <summary>Writes what an importer read as replay lines in order of time: many exports begin with what came last.</summary>
/// <remarks>A line says where it comes from: <c>{"receivedAt":"...","source":"generic","origin":"alerts.csv:17","body":{...}}</c>.</remarks>
internal sealed class ImportedLines(Stream output)
{
    private readonly List<(DateTimeOffset At, long Start, int Length)> lines = [];
    private bool inOrder = true;

    /// <summary>Reads all inputs into a file of replay lines.</summary>
    /// <param name="progress">Told how much was read, as the inputs' sizes count.</param>
    /// <exception cref="ReplayInputException">An input cannot be read, or is of another kind.</exception>
    public static void Write(IImporter importer, ImportOptions options, IReadOnlyList<ReplayInput> inputs, string path, Action<long>? progress, CancellationToken cancel)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 128 * 1024);
        var written = new ImportedLines(file);
        var before = 0L;
        foreach (var input in inputs)
        {
            try
            {
                using var raw = input.Open();
                using var content = ReplayInput.Unpacked(raw);
                var last = DateTimeOffset.MinValue;
                var count = 0;
                foreach (var one in importer.Read(content, options))
                {
                    last = written.Add(one, $"{input.Name}:{one.Line}", last);
                    if (++count % 1000 != 0) continue;
                    cancel.ThrowIfCancellationRequested();
                    if (progress is not null && ReplayInput.Done(raw) is { } done) progress(before + done);
                }
            }
            catch (ReplayInputException e)
            {
                throw new ReplayInputException($"{input.Name}: {e.Message}");
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                throw new ReplayInputException($"{input.Name}: cannot be read: {e.Message}");
            }
            before += input.Size;
        }
        if (!written.inOrder) written.Sort(path + ".sorted");
    }

    /// <returns>The time of the entry; what has none is of the time of the one before.</returns>
    private DateTimeOffset Add(Imported one, string origin, DateTimeOffset last)
    {
        var at = one switch
        {
            Imported.Delivery { At: var time } => time,
            Imported.Acted { At: var time } => time,
            _ => last,
        };
        var line = Line(one, at, origin);
        if (lines.Count > 0 && at < lines[^1].At) inOrder = false;
        lines.Add((at, output.Position, line.Length));
        output.Write(line);
        output.WriteByte((byte)'\n');
        return at;
    }

    private static byte[] Line(Imported one, DateTimeOffset at, string origin) => ImportJson.Body(json =>
    {
        json.WriteStartObject();
        if (at > DateTimeOffset.UnixEpoch) Time(json, one is Imported.Acted ? "at" : "receivedAt", at);
        switch (one)
        {
            case Imported.Delivery delivery:
                json.WriteString("source", delivery.Source);
                json.WriteString("origin", origin);
                json.WritePropertyName("body");
                json.WriteRawValue(delivery.Body, skipInputValidation: true);
                break;
            case Imported.Acted acted:
                json.WriteString("origin", origin);
                json.WritePropertyName("act");
                json.WriteRawValue(DecisionCodec.Write(acted.Act));
                break;
            case Imported.Unread unread:
                json.WriteString("origin", origin);
                json.WritePropertyName("unread");
                JsonSerializer.Serialize(json, new(unread.Field, unread.Problem), ReplayJson.Default.UnreadLine);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
        json.WriteEndObject();
    });

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[Rfc3339.Length];
        Rfc3339.Write(time, text);
        json.WriteString(name, text);
    }

    /// <summary>The same lines by time; of one time in the order of the files.</summary>
    private void Sort(string path)
    {
        using (var sorted = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 128 * 1024))
        {
            var buffer = new byte[64 * 1024];
            foreach (var (_, start, length) in lines.OrderBy(l => l.At))
            {
                if (buffer.Length <= length) buffer = new byte[length * 2];
                output.Position = start;
                output.ReadExactly(buffer, 0, length + 1);
                sorted.Write(buffer, 0, length + 1);
            }
        }
        using var read = File.OpenRead(path);
        output.Position = 0;
        read.CopyTo(output);
        File.Delete(path);
    }
}
