using System.Text;
using System.Text.Json.Nodes;

namespace Pipeline.Tests.Simulation;

/// <summary>What a sender posts once, and posts again under the same key where it was not told that it was taken.</summary>
/// <param name="Ones">The alerts in it that exist once.</param>
internal sealed record Sent(byte[] Body, string? Key, IReadOnlyList<string> Ones);

/// <summary>The monitoring systems: new alerts, each sent once, among others that come and go.</summary>
internal sealed class Sender(Site site, IReadOnlyList<IngestNode> nodes) : IActor
{
    /// <summary>An alert that comes again and again while all is well.</summary>
    public const string Beat = "Watchdog";

    private static readonly string[] Names = ["HostDown", "DiskFull", "HighLatency", Beat];
    private static readonly string[] Services = ["shop", "orders", "mail"];
    private static readonly string[] Severities = ["info", "warning", "critical", "?"];

    private readonly List<Sent> refused = [];
    private int ones, keys;

    public string Name => "sender";

    /// <summary>What it was told 503 of, or nothing, and what it will send again.</summary>
    public bool HasRefused => refused.Count > 0;

    public Task<bool> StepAsync()
    {
        if (refused.Count > 0 && (!site.Faulty || site.Maybe(2)))
        {
            var again = site.One(refused);
            refused.Remove(again);
            site.One(nodes).Accept(again, this);
        }
        else if (!site.Faulty) return Task.FromResult(false);
        else site.One(nodes).Accept(New(), this);
        return Task.FromResult(true);
    }

    public void Crash() { }

    /// <summary>The answer, or its absence.</summary>
    public void Answered(Sent sent, bool accepted)
    {
        foreach (var one in sent.Ones)
            if (accepted) site.Checker.Accepted(one);
            else site.Checker.Refused(one);
        // One that cannot say that it is the same again does not send it again.
        if (!accepted && sent.Key is not null && site.Random.Next(5) > 0) refused.Add(sent);
    }

    private Sent New()
    {
        var (alerts, unique) = (new JsonArray(), new List<string>());
        for (var left = site.Random.Next(1, 4); left > 0; left--)
        {
            if (site.Maybe(2)) alerts.Add(Often());
            else
            {
                unique.Add($"a{++ones}");
                alerts.Add(Alert("Once", unique[^1]));
            }
        }
        if (site.Maybe(8)) alerts.Add(new JsonObject { ["labels"] = 7 });
        return new(Encoding.UTF8.GetBytes(alerts.ToJsonString()), site.Random.Next(4) > 0 ? $"key-{++keys}" : null, unique);
    }

    private JsonObject Often()
    {
        var alert = Alert(site.One(Names), null);
        if (site.Maybe(3)) alert["status"] = "resolved";
        if (site.Maybe(3)) alert["summary"] = $"at {site.Random.Next(100)} %";
        return alert;
    }

    private JsonObject Alert(string name, string? one)
    {
        var labels = new JsonObject { ["alertname"] = name, ["service"] = site.One(Services) };
        if (site.Maybe(2)) labels[Site.Label] = site.Maybe(4) ? Site.Beyond : "eu";
        if (site.Maybe(4)) labels["shard"] = $"s{site.Random.Next(2)}";
        if (one is not null) labels["one"] = one;
        return new() { ["labels"] = labels, ["severity"] = site.One(Severities) };
    }
}
