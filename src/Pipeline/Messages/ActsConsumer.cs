using System.Diagnostics;
using System.Text;
using Dedupe.Deciding;
using MassTransit;

namespace Pipeline.Messages;

/// <summary>Takes the acts and questions that others send to this node, and answers each.</summary>
internal sealed class ActsConsumer(IOwnedScopes owned) : IConsumer<RecordAct>, IConsumer<ReportPager>, IConsumer<AdoptTopology>, IConsumer<AskLearned>
{
    /// <summary>Who asks has given up by then.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    public Task Consume(ConsumeContext<RecordAct> context)
    {
        var act = DecisionCodec.ReadAct(Encoding.UTF8.GetBytes(context.Message.Act));
        return AnswerAsync(context, context.Message.Scope, cancel => owned.ActAsync(context.Message.Scope, act, cancel));
    }

    public Task Consume(ConsumeContext<ReportPager> context)
    {
        var report = context.Message;
        return AnswerAsync(context, report.Scope, cancel => owned.ReportAsync(report.Scope, report.Pager, report.Failing, report.Answer, cancel));
    }

    public Task Consume(ConsumeContext<AdoptTopology> context)
    {
        var topology = DecisionCodec.ReadTopology(Encoding.UTF8.GetBytes(context.Message.Topology));
        return AnswerAsync(context, context.Message.Scope, cancel => owned.AdoptAsync(context.Message.Scope, topology, cancel));
    }

    public async Task Consume(ConsumeContext<AskLearned> context)
    {
        var scope = context.Message.Scope;
        var learned = await owned.LearnedAsync(scope, context.CancellationToken);
        await (learned is null ? context.RespondAsync(new NotMine(scope)) : context.RespondAsync(new LearnedHere(scope, [.. learned.Edges], learned.Count)));
    }

    private static async Task AnswerAsync(ConsumeContext context, int scope, Func<CancellationToken, ValueTask<ActOutcome>> act)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        limit.CancelAfter(Within);
        ActOutcome outcome;
        try
        {
            outcome = await act(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            outcome = new ActOutcome.Late();
        }
        await (outcome switch
        {
            ActOutcome.Decided decided => context.RespondAsync(new ActDecided(decided.Version)),
            ActOutcome.NotMine => context.RespondAsync(new NotMine(scope)),
            ActOutcome.Late => context.RespondAsync(new Late(scope)),
            _ => throw new UnreachableException(),
        });
    }
}
