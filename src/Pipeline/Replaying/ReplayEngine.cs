using System.Threading.Channels;

namespace Pipeline.Replaying;

/// <summary>Replays input in three stages side by side: cut into lines, parse, decide. Memory is flat: what waits between them is bounded.</summary>
public sealed class ReplayEngine(ReplayPlan plan, TimeProvider time)
{
    /// <summary>Blocks or batches that may wait between two stages, about a thousand lines each.</summary>
    private const int Waiting = 4;

    /// <param name="progress">Told how much was read so far, as the inputs' sizes count.</param>
    /// <exception cref="ReplayInputException">An input cannot be read, or no line of it is one.</exception>
    public async Task<ReplayResult> RunAsync(IReadOnlyList<ReplayInput> inputs, Action<long>? progress, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var blocks = Channel.CreateBounded<LineBlock>(new BoundedChannelOptions(Waiting) { SingleReader = true, SingleWriter = true });
        var batches = Channel.CreateBounded<EntryBatch>(new BoundedChannelOptions(Waiting) { SingleReader = true, SingleWriter = true });
        using var run = new ReplayRun(plan);
        var cut = Stage(() => new LineBlocks(inputs, progress).WriteAsync(blocks, stop.Token), blocks, stop);
        var parse = Stage(() => ParseAsync(blocks, batches, stop.Token), batches, stop);
        var decide = Stage<bool>(() => DecideAsync(batches, run, stop.Token), null, stop);
        await FirstFailureOf(cut, parse, decide);
        return run.Finish(() => time.GetElapsedTime(began));
    }

    private async Task ParseAsync(ChannelReader<LineBlock> from, ChannelWriter<EntryBatch> to, CancellationToken cancel)
    {
        ILineFormat format = plan.Format switch
        {
            ReplayFormat.JsonLines => new JsonLines(plan.Settings, plan.OwnRules, plan.OwnTopology),
            ReplayFormat.NagiosLog => new NagiosLogLines(plan.Settings),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var line = 0L;
        var entries = EntryBatch.Rent();
        var count = 0;
        await foreach (var block in from.ReadAllAsync(cancel))
        {
            var rest = block.Buffer.AsMemory(0, block.Length);
            while (rest.Length > 0)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                var text = end < 0 ? rest : rest[..end];
                rest = end < 0 ? default : rest[(end + 1)..];
                if (Trimmed(text, ++line) is not { Length: > 0 } one) continue;
                ref var entry = ref entries[count];
                entry.Line = line;
                if (!format.Read(one, ref entry))
                {
                    entry = default;
                    continue;
                }
                if (++count < EntryBatch.Size) continue;
                await to.WriteAsync(new(entries, count), cancel);
                (entries, count) = (EntryBatch.Rent(), 0);
            }
            block.Return();
        }
        await to.WriteAsync(new(entries, count), cancel);
    }

    private static async Task DecideAsync(ChannelReader<EntryBatch> from, ReplayRun run, CancellationToken cancel)
    {
        await foreach (var batch in from.ReadAllAsync(cancel))
        {
            run.Take(batch.Entries.AsSpan(0, batch.Count));
            batch.Return();
        }
    }

    /// <summary>Without a byte order mark, a carriage return and surrounding blanks.</summary>
    private static ReadOnlyMemory<byte> Trimmed(ReadOnlyMemory<byte> line, long number)
    {
        if (number == 1 && line.Span.StartsWith("\uFEFF"u8)) line = line[3..];
        var span = line.Span;
        if (span.Length > 0 && span[0] > ' ' && span[^1] > ' ') return line;
        var start = span.IndexOfAnyExcept(" \t\r"u8);
        return start < 0 ? default : line[start..(span.LastIndexOfAnyExcept(" \t\r"u8) + 1)];
    }

    /// <summary>Runs a stage on its own thread; when it fails, the others stop.</summary>
    private static Task Stage<T>(Func<Task> work, Channel<T>? output, CancellationTokenSource stop) => Task.Run(async () =>
    {
        try
        {
            await work();
            output?.Writer.Complete();
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    });

    /// <summary>The failure that made the others stop, rather than their being stopped.</summary>
    private static async Task FirstFailureOf(params Task[] stages)
    {
        await Task.WhenAll(stages).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        var failed = stages.FirstOrDefault(s => s.IsFaulted);
        if (failed is not null) await failed;
        foreach (var stage in stages) await stage;
    }
}
