using Dedupe.Deciding;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>Whose an alert is, is read from the log as it was when it was recorded, through the real server.</summary>
[Trait("needs", "server")]
public sealed class ScopesTests
{
    [Fact]
    public async Task Alerts_beyond_the_bound_are_default_s_when_the_log_is_read_again()
    {
        await using var server = await Restartable.StartAsync("scope: {label: site, max: 2}");
        await server.PostAsync("/ingest/generic", $"[{Of("a", "One")},{Of("b", "Two")},{Of("c", "Three")}]");
        for (var i = 0; i < 3; i++) await server.PostAsync("/ingest/generic", Of("b", "Two"));
        await server.AlertAsync("Two");
        await server.StopAsync();
        Assert.Equal(["One", "Two", "Three"], await NamesAsync(server.Folder));
        // Only the log knows of the repeats: they are counted where the first one was decided.
        await server.StartAsync();
        await server.AlertAsync("Two", a => a.GetProperty("repeats").GetInt32() == 3);
        await server.StopAsync();
        await LogCheck.LiveEqualsReplayAsync(server.Folder);
    }

    [Fact]
    public async Task A_bound_that_is_raised_later_changes_nothing_of_what_was_recorded()
    {
        await using var server = await Restartable.StartAsync("scope: {label: site, max: 2}");
        await server.PostAsync("/ingest/generic", $"[{Of("a", "One")},{Of("b", "Two")}]");
        await server.AlertAsync("Two");
        await server.StopAsync();
        await using var raised = await Restartable.StartAsync("scope: {label: site, max: 3}", server.Folder);
        await raised.PostAsync("/ingest/generic", $"[{Of("b", "Three")},{Of("a", "Four")}]");
        await raised.AlertAsync("Three");
        await raised.StopAsync();
        Assert.Equal(["One", "Two", "Three", "Four"], await NamesAsync(server.Folder));
        await using var log = await SqliteLog.OpenAsync(server.Folder);
        Assert.Equal(["default", "a", "b"], (await log.ScopesAsync(CancellationToken.None)).Select(s => s.Value));
    }

    [Fact]
    public async Task Another_label_that_names_the_scopes_changes_nothing_of_what_was_recorded()
    {
        await using var server = await Restartable.StartAsync();
        await server.PostAsync("/ingest/generic", Of("a", "One"));
        await server.AlertAsync("One");
        await server.StopAsync();
        await using var labelled = await Restartable.StartAsync("scope: {label: site}", server.Folder);
        await labelled.PostAsync("/ingest/generic", Of("a", "Two"));
        await labelled.AlertAsync("Two");
        await labelled.StopAsync();
        Assert.Equal(["One", "Two"], await NamesAsync(server.Folder));
    }

    private static async Task<IReadOnlyList<string?>> NamesAsync(string folder) =>
        [.. (await LogCheck.LiveEqualsReplayAsync(folder)).OrderBy(d => d.Decision.At).ThenBy(d => d.Input.Number)
            .Select(d => d.Decision).OfType<Decision.AlertDecided>().Select(d => d.Labels?["alertname"]).OrderBy(n => Array.IndexOf(["One", "Two", "Three", "Four"], n))];

    private static string Of(string site, string name) => $$$"""{"labels":{"alertname":"{{{name}}}","site":"{{{site}}}"}}""";
}
