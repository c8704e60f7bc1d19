using System.Text;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using MassTransit;
using Pipeline.Hosting;

namespace Pipeline.Messages;

/// <summary>Acts for scopes that other processes decide: asks their owners, and waits until this process's own views show what was decided.</summary>
public sealed class MessageActs : IActs, IPagerReports
{
    /// <summary>For all of it: a takeover in between, the decision, and this process's views.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    /// <summary>How often the directory is asked again, while nobody owns the scope and while its owner does not answer.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly IBus bus;
    private readonly Uri exchange;
    private readonly IScopeDirectory directory;
    private readonly ILog log;
    private readonly Func<int, long, CancellationToken, Task> folded;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    internal MessageActs(
        IBus bus, Uri exchange, IScopeDirectory directory, ILog log, Func<int, long, CancellationToken, Task> folded, TimeProvider time, ILogger logger)
    {
        (this.bus, this.exchange, this.directory, this.log) = (bus, exchange, directory, log);
        (this.folded, this.time, this.logger) = (folded, time, logger);
    }

    public ValueTask<bool> ActAsync(int? scope, Act act, CancellationToken cancel)
    {
        var stored = Encoding.UTF8.GetString(DecisionCodec.Write(act));
        return EverywhereAsync(scope, s => new RecordAct(s, stored), cancel);
    }

    public ValueTask<bool> AdoptAsync(Topology topology, CancellationToken cancel)
    {
        var stored = Encoding.UTF8.GetString(DecisionCodec.Write(topology));
        return EverywhereAsync(null, s => new AdoptTopology(s, stored), cancel);
    }

    public async ValueTask ReportAsync(string pager, bool failing, string answer, CancellationToken cancel)
    {
        // Who reports tries again.
        if (!await EverywhereAsync(null, s => new ReportPager(s, pager, failing, answer), cancel))
            throw new IOException($"that pager {pager} {(failing ? "fails" : "answers")} could not be recorded: not every scope's owner answered within 5 s");
    }

    private async ValueTask<bool> EverywhereAsync<T>(int? scope, Func<int, T> message, CancellationToken cancel) where T : class
    {
        using var late = new CancellationTokenSource(Within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            // From the log, not from the directory: a scope between two owners is one all the same.
            IEnumerable<int> scopes = scope is { } one ? [one] : (await log.ScopesAsync(either.Token)).Select(s => s.Key);
            // Waited for apart: a send that waits for the broker's connection does not always hear that it is given up.
            var decided = await Task.WhenAll(scopes.Select(s => InScopeAsync(s, message(s), either.Token)).ToList()).WaitAsync(either.Token);
            return decided.All(d => d);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The log or the directory is not there.
            logger.NotActed(e);
            return false;
        }
    }

    private async Task<bool> InScopeAsync<T>(int scope, T message, CancellationToken cancel) where T : class
    {
        while (true)
        {
            var owner = (await directory.OwnersAsync(cancel)).GetValueOrDefault(scope);
            var answer = owner is null ? new Answer.Nobody() : await AskWhileItOwnsAsync(scope, owner, message, cancel);
            switch (answer)
            {
                case Answer.Decided decided:
                    await folded(scope, decided.Version, cancel);
                    return true;
                case Answer.Failed: return false;
                default: await Task.Delay(Look, time, cancel); break;
            }
        }
    }

    private abstract record Answer
    {
        public sealed record Decided(long Version) : Answer;

        public sealed record Failed : Answer;

        /// <summary>Nobody answers for the scope under that name: the directory knows better soon.</summary>
        public sealed record Nobody : Answer;
    }

    /// <summary>Waits for the owner's answer for as long as it is the owner: one that died never answers.</summary>
    private async Task<Answer> AskWhileItOwnsAsync<T>(int scope, string owner, T message, CancellationToken cancel) where T : class
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var asked = AskAsync(scope, owner, message, enough.Token);
        var moved = MovedAsync(scope, owner, enough.Token);
        var first = await Task.WhenAny(asked, moved);
        await enough.CancelAsync();
        try
        {
            await (first == asked ? moved : asked);
        }
        catch (OperationCanceledException)
        {
            // the one that did not come first
        }
        cancel.ThrowIfCancellationRequested();
        // An answer that came all the same counts.
        return asked.IsCompletedSuccessfully ? await asked : first == asked ? await asked : new Answer.Nobody();
    }

    private async Task MovedAsync(int scope, string owner, CancellationToken cancel)
    {
        do await Task.Delay(Look, time, cancel);
        while ((await directory.OwnersAsync(cancel)).GetValueOrDefault(scope) == owner);
    }

    private async Task<Answer> AskAsync<T>(int scope, string owner, T message, CancellationToken cancel) where T : class
    {
        var client = bus.CreateRequestClient<T>(exchange, RequestTimeout.After(ms: (int)Within.TotalMilliseconds));
        try
        {
            var response = await client.GetResponse<ActDecided, NotMine, Late>(message, request => request.UseExecute(context => ToNode.Address(context, owner, Within)), cancel);
            return response.Is(out Response<ActDecided>? decided) ? new Answer.Decided(decided.Message.Version)
                : response.Is(out Response<NotMine>? _) ? new Answer.Nobody() : new Answer.Failed();
        }
        catch (RequestFaultException e)
        {
            logger.OwnerFailed(e, scope, owner);
            return new Answer.Failed();
        }
        catch (RequestException)
        {
            // Came back, since that node has no queue any more; or the broker is away. Looked at again for as long as there is time.
            cancel.ThrowIfCancellationRequested();
            return new Answer.Nobody();
        }
    }
}
