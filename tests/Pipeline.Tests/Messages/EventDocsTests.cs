using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Contracts;
using Pipeline.Tests.Architecture;
using Xunit;

namespace Pipeline.Tests.Messages;

/// <summary>What docs/events.md shows is what goes over the wire, and what it says to write compiles.</summary>
public sealed partial class EventDocsTests
{
    private static readonly string Docs = File.ReadAllText(Repository.Path("docs", "events.md"));

    [Fact]
    public async Task Every_event_is_documented_as_it_is_sent()
    {
        await using var rig = new MessageRig("default");
        await rig.OpenAsync(null, new FakeTimeProvider(MessageRig.Then));
        await rig.PublishFromTheFirstAsync();
        await rig.DecideAsync([.. DecisionSamples.All]);
        var shown = JsonBlocks().Matches(Docs).Select(m => Unnumbered(JsonNode.Parse(m.Groups[1].Value)!)).ToList();
        foreach (var heard in await rig.Subscriber.TakeAsync(7))
        {
            var message = Unnumbered(JsonNode.Parse(heard.Envelope)!["message"]!);
            Assert.True(shown.Any(s => JsonNode.DeepEquals(s, message)), $"docs/events.md does not show {heard.Event.GetType().Name} as it is sent: {message}");
        }
    }

    /// <summary>Without its version, which is the sample's place among the samples.</summary>
    private static JsonNode Unnumbered(JsonNode message)
    {
        if (message is JsonObject fields) fields.Remove("version");
        return message;
    }

    [Fact]
    public void Every_contract_is_named()
    {
        var contracts = typeof(IIncidentEvent).Assembly.GetExportedTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IIncidentEvent))).ToList();
        Assert.Equal(7, contracts.Count);
        Assert.All(contracts, c => Assert.Contains($"`Pipeline.Contracts:{c.Name}`", Docs, StringComparison.Ordinal));
    }

    [Fact]
    public void The_example_in_the_docs_is_the_one_that_is_compiled_and_run()
    {
        var source = File.ReadAllText(Repository.Path("tests", "Pipeline.Tests", "Messages", "SubscribeExample.cs"));
        var example = Example().Match(source).Groups[1].Value;
        Assert.NotEmpty(example);
        Assert.Contains(Outdented(example), Docs, StringComparison.Ordinal);
    }

    private static string Outdented(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line)).Trim();

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlocks();

    [GeneratedRegex(@"// docs begin\n(.*?) *// docs end", RegexOptions.Singleline)]
    private static partial Regex Example();
}
