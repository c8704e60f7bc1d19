using System.IO.Pipelines;
using Dedupe.Log;
using Pipeline.Hosting;

namespace Pipeline.Replaying;

/// <summary>The log's inputs as the JSON Lines that <c>replay</c> reads, up to where the log stood when it was opened, in bounded memory.</summary>
public sealed class LogExport
{
    /// <summary>A delivery lies in every scope that it has alerts for, recorded in one commit: copies are looked for among the last so many.</summary>
    private const int CopiesAmong = 200_000;

    private readonly ILog log;
    private readonly IReadOnlyList<ScopeRange> ranges;

    private LogExport(ILog log, IReadOnlyList<ScopeRange> ranges) => (this.log, this.ranges) = (log, ranges);

    /// <summary>How many inputs there are; a delivery in several scopes counts in each and is written once.</summary>
    public long Inputs => ranges.Sum(r => r.Last - r.First + 1);

    /// <summary>The label that names the scope of an alert; null where there is one scope.</summary>
    public string? ScopeLabel { get; init; }

    /// <summary>Write too what was paged, for who compares a replay with it.</summary>
    public bool WithPaged { get; init; }

    /// <summary>What was recorded from <paramref name="from"/> on and before <paramref name="to"/>, as far as it is there now.</summary>
    public static async Task<LogExport> OpenAsync(
        ILog log, DateTimeOffset? from, DateTimeOffset? to, string? scopeLabel, bool withPaged, CancellationToken cancel) =>
        new(log, await ScopeRange.AllAsync(log, from, to, cancel)) { ScopeLabel = scopeLabel, WithPaged = withPaged };

    /// <summary>Writes it in order of time. The rules and the topology that were in force come first.</summary>
    public async Task WriteAsync(PipeWriter output, CancellationToken cancel)
    {
        using var lines = new ExportLines(output);
        var cursors = new List<ExportCursor>();
        try
        {
            var setAside = new SetAsides();
            var scans = new List<DecisionScan>();
            foreach (var range in ranges)
            {
                scans.Add(await DecisionScan.RunAsync(log, range, WithPaged ? change => PagedAsync(lines, range, change, cancel) : null, cancel));
                await setAside.AddAsync(log, range, scans[^1].SetAside, cancel);
            }
            foreach (var range in ranges) cursors.Add(await ExportCursor.OpenAsync(log, range, cancel));
            cursors.RemoveAll(c => c.Ended);
            if (cursors.Count == 0) return;
            var begin = cursors.Min(c => c.Current.At);
            for (var i = 0; i < ranges.Count; i++) await InForceAsync(lines, ranges[i], scans[i], begin, cancel);
            lines.Numbers(begin, cursors.Select(c => KeyValuePair.Create(c.Name, c.Current.Number)), ScopeLabel);
            await WriteAsync(cursors, setAside, lines, cancel);
        }
        finally
        {
            foreach (var cursor in cursors) await cursor.DisposeAsync();
        }
    }

    /// <summary>The same as a replay's input.</summary>
    internal ReplayInput AsInput() => new("the log", Inputs, Open);

    /// <summary>The same to read, while it is written.</summary>
    internal LineCounting Open()
    {
        var pipe = new Pipe(new(pauseWriterThreshold: 1024 * 1024, resumeWriterThreshold: 512 * 1024));
        _ = Task.Run(async () =>
        {
            try
            {
                await WriteAsync(pipe.Writer, CancellationToken.None);
                await pipe.Writer.CompleteAsync();
            }
            catch (Exception e)
            {
                // Handed on: whoever reads the pipe gets it.
                await pipe.Writer.CompleteAsync(e);
            }
        });
        return new(pipe.Reader.AsStream());
    }

    private static async ValueTask PagedAsync(ExportLines lines, ScopeRange range, PagedChange change, CancellationToken cancel)
    {
        lines.Paged(range.Name, change);
        await lines.FlushAsync(all: false, cancel);
    }

    private async Task InForceAsync(ExportLines lines, ScopeRange range, DecisionScan scan, DateTimeOffset begin, CancellationToken cancel)
    {
        foreach (var number in new[] { scan.Rules, scan.Topology })
            if (number > 0 && await ExportCursor.FindAsync(log, range.Scope, number, cancel) is { Kind: InputKind.Rules or InputKind.Topology } inForce)
                lines.Input(range.Name, inForce, begin);
    }

    private async Task WriteAsync(List<ExportCursor> cursors, SetAsides setAside, ExportLines lines, CancellationToken cancel)
    {
        // What is default's own of a delivery and what was handed on to it are two inputs of one scope.
        var severalScopes = cursors.Count > 1 || ScopeLabel is not null;
        var written = new HashSet<string>(StringComparer.Ordinal);
        var inOrder = new Queue<string>();
        while (cursors.Count > 0)
        {
            // Of equal times what is no delivery, since a new scope's rules come before what made it; then the scope made first.
            var next = cursors.MinBy(c => (c.Current.At, c.Current.Kind == InputKind.Delivery))!;
            var record = next.Current with { Id = HandedOn.DeliveryOf(next.Current.Id) };
            if (!severalScopes || record.Id.Length == 0 || written.Add(record.Id))
            {
                if (severalScopes && record.Id.Length > 0) inOrder.Enqueue(record.Id);
                if (inOrder.Count > CopiesAmong) written.Remove(inOrder.Dequeue());
                lines.Input(next.Name, record, record.At, setAside.Of(next.Name, record));
                if (!await lines.FlushAsync(all: false, cancel)) return;
            }
            await next.MoveAsync();
            if (next.Ended) cursors.Remove(next);
            // Retention took what comes between while we read: what comes behind keeps its number all the same.
            else if (next.Skipped) lines.Numbers(next.Current.At, [KeyValuePair.Create(next.Name, next.Current.Number)], null);
        }
        await lines.FlushAsync(all: true, cancel);
    }
}
