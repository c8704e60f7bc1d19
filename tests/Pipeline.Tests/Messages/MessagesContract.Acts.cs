using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Messages;
using Xunit;

namespace Pipeline.Tests.Messages;

/// <summary>Acts for a scope that another process decides.</summary>
public abstract partial class MessagesContract
{
    [Fact]
    public async Task An_act_is_decided_by_the_scopes_owner_and_answered_when_our_views_show_it()
    {
        var shown = new TaskCompletionSource();
        var asked = new TaskCompletionSource<(int Scope, long Version)>();
        await Rig.OpenAsync(await BrokerAsync(), TimeProvider.System, folded: (scope, version, cancel) =>
        {
            asked.TrySetResult((scope, version));
            return shown.Task.WaitAsync(cancel);
        });
        Rig.Owned.Answer = _ => new ActOutcome.Decided(42);
        var acting = Rig.Acts.ActAsync(Rig.ScopeNumber, Note, Cancel).AsTask();
        Assert.Equal((Rig.ScopeNumber, 42), await asked.Task.WaitAsync(Counterparts.Wait.Patience, Cancel));
        Assert.False(acting.IsCompleted);
        shown.SetResult();
        Assert.True(await acting);
        Assert.Equal([(Rig.ScopeNumber, Note)], Rig.Owned.Acts);
    }

    [Fact]
    public async Task An_act_for_every_scope_is_decided_in_each()
    {
        await Rig.OpenAsync(await BrokerAsync(), TimeProvider.System, scopes: 3);
        Assert.True(await Rig.Acts.ActAsync(null, Note, Cancel));
        Assert.Equal([1, 2, 3], Rig.Owned.Acts.Select(a => a.Scope).Order());
    }

    [Fact]
    public async Task What_a_pager_answers_is_reported_to_every_scopes_owner()
    {
        await Rig.OpenAsync(await BrokerAsync(), TimeProvider.System, scopes: 2);
        await ((Pipeline.Hosting.IPagerReports)Rig.Acts).ReportAsync("ops", true, "503", Cancel);
        Assert.Equal([(1, "ops", true, "503"), (2, "ops", true, "503")], Rig.Owned.Reports.Order());
    }

    [Fact]
    public async Task An_act_follows_its_scope_to_a_new_owner()
    {
        await Rig.OpenAsync(await BrokerAsync(), TimeProvider.System);
        var first = Rig.Owned.Acts.Count;
        Rig.Owned.Answer = _ => Rig.Owned.Acts.Count - first < 2 ? new ActOutcome.NotMine() : new ActOutcome.Decided(7);
        Assert.True(await Rig.Acts.ActAsync(Rig.ScopeNumber, Note, Cancel));
    }

    [Fact]
    public async Task An_act_leaves_an_owner_that_never_answers_as_soon_as_the_scope_has_another()
    {
        await Rig.OpenAsync(await BrokerAsync(), TimeProvider.System);
        Rig.Directory.Node = $"gone-{Rig.Node}";
        var acting = Rig.Acts.ActAsync(Rig.ScopeNumber, Note, Cancel).AsTask();
        Rig.Directory.Node = Rig.Node;
        Assert.True(await acting);
    }

    [Fact]
    public async Task An_act_for_a_node_that_is_gone_is_late_after_five_seconds()
    {
        var time = new FakeTimeProvider(MessageRig.Then);
        await Rig.OpenAsync(await BrokerAsync(), time);
        Rig.Directory.Node = $"gone-{Rig.Node}";
        Assert.False(await MessageRig.UntilAsync(time, Rig.Acts.ActAsync(Rig.ScopeNumber, Note, Cancel).AsTask()));
        Assert.Equal(5, (time.GetUtcNow() - MessageRig.Then).TotalSeconds, 0.5);
        Assert.Empty(Rig.Owned.Acts);
    }

    [Fact]
    public async Task A_report_that_not_every_owner_took_is_an_error_to_try_again()
    {
        var time = new FakeTimeProvider(MessageRig.Then);
        await Rig.OpenAsync(await BrokerAsync(), time);
        Rig.Directory.Node = null;
        var reporting = ((Pipeline.Hosting.IPagerReports)Rig.Acts).ReportAsync("ops", true, "503", Cancel).AsTask();
        var error = await Assert.ThrowsAsync<IOException>(() => MessageRig.UntilAsync(time, reporting));
        Assert.Contains("pager ops", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_act_that_its_owner_could_not_decide_in_time_is_late()
    {
        await Rig.OpenAsync(await BrokerAsync(), TimeProvider.System);
        Rig.Owned.Answer = _ => new ActOutcome.Late();
        Assert.False(await Rig.Acts.ActAsync(Rig.ScopeNumber, Note, Cancel));
    }

    [Fact]
    public async Task An_act_that_its_owner_fails_on_is_tried_three_times_and_kept_with_the_errors()
    {
        await Rig.OpenAsync(await BrokerAsync(), TimeProvider.System);
        Rig.Owned.Answer = _ => throw new InvalidOperationException("thrown by a test");
        Assert.False(await Rig.Acts.ActAsync(Rig.ScopeNumber, new Act.AddNote(new("inc_1"), "ada", Rig.Node), Cancel));
        Assert.Equal(3, Rig.Owned.Acts.Count);
        Assert.Contains(Rig.Node, await FailedActAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_scope_has_learned_is_asked_of_its_owner_and_unknown_where_it_has_none()
    {
        await Rig.OpenAsync(await BrokerAsync(), TimeProvider.System);
        var edge = new LearnedEdge("a", "b", 3, 4, MessageRig.Then);
        Rig.Owned.Learned = new([edge], 7);
        var learned = (await Rig.Learned.LearnedAsync(Cancel))[Rig.ScopeNumber];
        Assert.Equal([edge], learned!.Edges);
        Assert.Equal(7, learned.Count);
        Rig.Owned.Learned = null;
        Assert.Null((await Rig.Learned.LearnedAsync(Cancel))[Rig.ScopeNumber]);
        Rig.Directory.Node = null;
        Assert.Null((await Rig.Learned.LearnedAsync(Cancel))[Rig.ScopeNumber]);
    }

    [Fact]
    public async Task What_a_node_that_is_gone_has_learned_is_unknown_after_two_seconds()
    {
        var time = new FakeTimeProvider(MessageRig.Then);
        await Rig.OpenAsync(await BrokerAsync(), time);
        Rig.Directory.Node = $"gone-{Rig.Node}";
        Assert.Null((await MessageRig.UntilAsync(time, Rig.Learned.LearnedAsync(Cancel).AsTask()))[Rig.ScopeNumber]);
        Assert.InRange((time.GetUtcNow() - MessageRig.Then).TotalSeconds, 0, 2.5);
    }

    /// <summary>The text of the act with the errors that this rig's node failed on.</summary>
    private protected abstract Task<string> FailedActAsync();
}
