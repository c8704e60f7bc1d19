using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary><c>alerts.csv</c>: a row an alert, written as bytes by hand, since a storm has hundreds of thousands a second.</summary>
internal sealed class AlertsCsv : IDisposable
{
    /// <summary>No row is longer: two numbers, a time, a fingerprint, an incident id and a word. None of them needs quoting.</summary>
    private const int RowBytes = 256;

    private static readonly byte[][] Dispositions = [.. Enum.GetValues<Disposition>().Select(d => Encoding.ASCII.GetBytes(Words.Of(d)))];

    private readonly byte[] buffer = new byte[128 * 1024];
    private readonly FileStream file;
    private int used;

    public AlertsCsv(string path)
    {
        file = ResultFiles.Create(path);
        "line,receivedAt,fingerprint,incident,disposition\n"u8.CopyTo(buffer);
        used = "line,receivedAt,fingerprint,incident,disposition\n".Length;
    }

    public void Row(long line, DateTimeOffset receivedAt, in AlertOutcome outcome)
    {
        Begin(line, receivedAt);
        outcome.Fingerprint.Value.TryFormat(buffer.AsSpan(used), out var written, "x16", CultureInfo.InvariantCulture);
        used += written;
        Put((byte)',');
        if (outcome.Incident is { } incident) used += Encoding.ASCII.GetBytes(incident.Value, buffer.AsSpan(used));
        Put((byte)',');
        End(outcome.Disposition);
    }

    public void Rejected(long line, DateTimeOffset receivedAt)
    {
        Begin(line, receivedAt);
        Put((byte)',');
        Put((byte)',');
        End(Disposition.Rejected);
    }

    public void Dispose()
    {
        file.Write(buffer.AsSpan(0, used));
        file.Dispose();
    }

    private void Begin(long line, DateTimeOffset receivedAt)
    {
        if (used + RowBytes > buffer.Length)
        {
            file.Write(buffer.AsSpan(0, used));
            used = 0;
        }
        Utf8Formatter.TryFormat(line, buffer.AsSpan(used), out var written);
        used += written;
        Put((byte)',');
        if (receivedAt != default)
        {
            Rfc3339.Write(receivedAt, buffer.AsSpan(used));
            used += Rfc3339.Length;
        }
        Put((byte)',');
    }

    private void End(Disposition disposition)
    {
        var word = Dispositions[(int)disposition];
        word.CopyTo(buffer.AsSpan(used));
        used += word.Length;
        Put((byte)'\n');
    }

    private void Put(byte one) => buffer[used++] = one;
}
