using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Projections;
using Pipeline.Tests.Servers;
using Projections;
using global::Stores.Marten;
using global::Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Stores.Marten;

/// <summary>The documents say what the live views say, by whichever process and from whichever log they were folded.</summary>
[Trait("needs", "server")]
public sealed class IncidentDocumentsTests(SharedPostgres postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Documents_folded_by_the_daemon_equal_the_live_views_and_those_rebuilt_from_nothing()
    {
        await using var log = await MartenLog.OpenAsync(postgres.Address(await postgres.PreparedAsync()), Cancel);
        var (decisions, live) = Decided(seed: 7);
        await using (Running(log.Documents))
        {
            await AppendAsync(log, decisions);
            await SameAsync(log.Documents, live);
        }
        await log.Documents.RebuildAsync(Cancel);
        await SameAsync(log.Documents, live);
    }

    [Fact]
    public async Task Of_two_daemons_one_folds_and_the_other_takes_over_when_that_one_ends()
    {
        var address = postgres.Address(await postgres.PreparedAsync());
        await using var first = await MartenLog.OpenAsync(address, Cancel);
        await using var second = await MartenLog.OpenAsync(address, Cancel);
        var (decisions, live) = Decided(seed: 8);
        await using (Running(second.Documents))
        {
            await using (Running(first.Documents))
                await AppendAsync(first, decisions[..(decisions.Count / 2)]);
            await AppendAsync(first, decisions[(decisions.Count / 2)..]);
            await SameAsync(first.Documents, live);
        }
    }

    [Fact]
    public async Task Another_logs_decisions_are_folded_once_by_two_that_follow_and_again_from_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var log = await SqliteLog.OpenAsync(folder.Path, Cancel);
        var address = postgres.Address(await postgres.PreparedAsync());
        await using var documents = await IncidentDocuments.OpenAsync(address, Cancel);
        await using var others = await IncidentDocuments.OpenAsync(address, Cancel);
        var (decisions, live) = Decided(seed: 9);
        await using (Running(stop => documents.FollowAsync(log, stop)))
        await using (Running(stop => others.FollowAsync(log, stop)))
        {
            await AppendAsync(log, decisions);
            await SameAsync(documents, live);
        }
        await documents.StartOverAsync(Cancel);
        Assert.Null(await documents.FindAsync(live.First().Key, Cancel));
        await using (Running(stop => documents.FollowAsync(log, stop))) await SameAsync(documents, live);
    }

    [Fact]
    public async Task A_text_that_jsonb_refuses_does_not_stop_the_daemon()
    {
        await using var log = await MartenLog.OpenAsync(postgres.Address(await postgres.PreparedAsync()), Cancel);
        var scope = await log.ScopeAsync("default", Cancel);
        await log.AppendDecisionsAsync(
            scope, 0, [DecisionCodec.Write(new Decision.IncidentOpened(Story.Incident, "a\0b", global::Dedupe.Vocabulary.Severity.Critical) { At = Story.Start }, 1, 1)], Cancel);
        await using (Running(log.Documents))
        {
            var document = await Wait.ForAsync("the document", () => log.Documents.FindAsync(Story.Incident.Value, Cancel), () => "none");
            Assert.Equal("a\uFFFDb", document.Title);
        }
        Assert.Single(await log.Documents.ListAsync(IncidentState.Open, 10, Cancel));
        Assert.Empty(await log.Documents.ListAsync(IncidentState.Resolved, 10, Cancel));
    }

    private static (List<DecisionRecord> Decisions, Dictionary<string, string> Live) Decided(int seed)
    {
        var (decisions, _) = RebuildTests.Play(seed);
        var views = new Views();
        foreach (var (record, decision) in decisions) views.Fold(1, record, decision);
        var live = decisions.Select(d => d.Decision.OfIncident).OfType<global::Dedupe.Vocabulary.IncidentId>().Distinct()
            .ToDictionary(id => id.Value, id => JsonSerializer.Serialize(views.Read(v => v.Incidents.Detail(id))));
        Assert.True(decisions.Count > 50 && live.Count > 0, "the story is too short to show anything");
        return ([.. decisions.Select(d => d.Record)], live);
    }

    private static async Task AppendAsync(ILog log, List<DecisionRecord> decisions)
    {
        var scope = await log.ScopeAsync("default", Cancel);
        foreach (var commit in decisions.Chunk(7)) await log.AppendDecisionsAsync(scope, commit[0].Version - 1, commit, Cancel);
    }

    private static async Task SameAsync(IncidentDocuments documents, Dictionary<string, string> live)
    {
        foreach (var (id, wanted) in live)
        {
            var last = "";
            await Wait.ForAsync<string>($"{id} as it is live", async () =>
            {
                last = JsonSerializer.Serialize((await documents.FindAsync(id, Cancel))?.Kept.Detail);
                return last == wanted ? "" : null;
            }, () => $"it is {last}\nand not {wanted}");
        }
    }

    private static Stopping Running(IncidentDocuments documents) => Running(stop => documents.RunAsync(null, stop));

    private static Stopping Running(Func<CancellationToken, Task> run) => new(run);

    private sealed class Stopping : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        private readonly Task running;

        public Stopping(Func<CancellationToken, Task> run) => running = Task.Run(() => run(stop.Token));

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running.WaitAsync(Wait.Patience);
            stop.Dispose();
        }
    }
}
