using Dedupe.Log;
using Dedupe.Vocabulary;
using MassTransit;
using Pipeline.Hosting;

namespace Pipeline.Messages;

/// <summary>What scopes have learned that other processes decide: asks their owners. Nothing waits for an owner to come: who asks is shown what is missing.</summary>
public sealed class MessageLearned : ILearned
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2);

    private readonly IBus bus;
    private readonly Uri exchange;
    private readonly IScopeDirectory directory;
    private readonly ILog log;
    private readonly TimeProvider time;

    internal MessageLearned(IBus bus, Uri exchange, IScopeDirectory directory, ILog log, TimeProvider time) =>
        (this.bus, this.exchange, this.directory, this.log, this.time) = (bus, exchange, directory, log, time);

    public async ValueTask<IReadOnlyDictionary<int, LearnedEdges?>> LearnedAsync(CancellationToken cancel)
    {
        var owners = await directory.OwnersAsync(cancel);
        var asked = (await log.ScopesAsync(cancel)).Select(async s => (Scope: s.Key, Learned: await AskAsync(s.Key, owners.GetValueOrDefault(s.Key), cancel)));
        return (await Task.WhenAll(asked.ToList())).ToDictionary(a => a.Scope, a => a.Learned);
    }

    private async Task<LearnedEdges?> AskAsync(int scope, string? owner, CancellationToken cancel)
    {
        if (owner is null) return null;
        using var late = new CancellationTokenSource(Within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            var client = bus.CreateRequestClient<AskLearned>(exchange, RequestTimeout.After(ms: (int)Within.TotalMilliseconds));
            var answer = client.GetResponse<LearnedHere, NotMine>(new(scope), request => request.UseExecute(context => ToNode.Address(context, owner, Within)), either.Token);
            // Waited for apart: a send that waits for the broker's connection does not always hear that it is given up.
            return (await answer.WaitAsync(either.Token)).Is(out Response<LearnedHere>? here) ? new(here.Message.Edges, here.Message.Count) : null;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return null;
        }
        catch (RequestException)
        {
            // That node is gone, or the broker is away, or the decider failed on it: nobody else knows.
            cancel.ThrowIfCancellationRequested();
            return null;
        }
    }
}
