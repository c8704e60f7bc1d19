using System.Globalization;
using System.Text.Json;

namespace Pipeline.Demo;

/// <summary>The outage this project was founded on, as data: forty minutes in which three facts went by unseen.</summary>
/// <remarks>
/// A deploy leaves connections in CLOSE_WAIT; the shop's checks break and are sent by two monitoring servers to up to eight contacts
/// each, over and over. The deploy is rolled back and most recovers, but the bad connections stay ("a restart is pending"). The
/// message server's memory creeps from 80 to 89 % the whole time and runs out in the second wave, when log errors of a new kind are
/// already lying in the mound. Only the restart cures.
/// </remarks>
public static class FoundingOutage
{
    /// <summary>Between one check's recovery and the next one's.</summary>
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(0.5);

    /// <summary>The message server's memory as it was seen, in percent: a warning every time, and every time the same warning.</summary>
    public static readonly IReadOnlyList<int> MemoryPercent = [80, 80, 82, 82, 83, 85, 85, 87, 87, 88, 88, 89];

    public static readonly TimeSpan Rollback = Minutes(12), Recovered = Minutes(14), Acknowledged = Minutes(16), NewErrors = Minutes(25), OutOfMemory = Minutes(31), End = Minutes(40);

    /// <summary>When the last check of the first wave that does recover has: what fires then is what the rollback did not cure.</summary>
    public static readonly TimeSpan RestRecovered = Recovered + (Settles * (StormCheck.All.Count - 1));

    private static readonly TimeSpan FirstWave = Minutes(4), SecondWave = Minutes(22), Restart = Minutes(33), Recovery = Minutes(35);

    /// <summary>What nobody saw then.</summary>
    public static readonly IReadOnlyList<MissedFact> Missed =
    [
        new("The message server ran out of memory", "the alert fired, in a storm of hundreds", OutOfMemory, "alertname", "Message server memory"),
        new("Bad connections stayed after the rollback", "ignored, since \"a restart is pending\"", RestRecovered, "alertname", "CLOSE_WAIT"),
        new("A new class of thread errors", "lost in the mound of log lines", NewErrors, "template", "native thread"),
    ];

    /// <summary>The whole story in order of time. The same every time.</summary>
    public static IReadOnlyList<DemoStep> Steps()
    {
        var steps = new List<DemoStep>();
        steps.AddRange(Told());
        steps.AddRange(Changes());
        steps.AddRange(Memory());
        steps.AddRange(BadConnections());
        steps.AddRange(WorkerThreads());
        steps.AddRange(Wave(FirstWave, Recovered));
        steps.AddRange(Wave(SecondWave, Recovery));
        steps.AddRange(LogMound());
        steps.Add(new DemoStep.Acknowledge("anna", "a restart is pending", "restart") { Offset = Acknowledged });
        // Stable, so that what a step says of its own moment stays in the order written here.
        return [.. steps.OrderBy(s => s.Offset)];
    }

    private static IEnumerable<DemoStep> Told()
    {
        yield return Say(0, "Orders 4.2 is deployed.");
        yield return Say(1, "The message server's memory is at 80 %: a warning, as so often.");
        yield return Say(3, "Connections hang in CLOSE_WAIT on app-2.");
        yield return Say(4, "The storm begins: two monitoring servers, up to eight contacts each, every minute again.");
        yield return Say(12, "Orders 4.2 is rolled back.");
        yield return Say(14, "Most checks recover. The bad connections do not.");
        yield return Say(16, "anna acknowledges: \"a restart is pending\".");
        yield return Say(22, "The storm comes back.");
        yield return Say(25, "Among hundreds of log errors, a few of a kind never seen before.");
        yield return Say(31, "The message server is out of memory.");
        yield return Say(33, "Orders is restarted.");
        yield return Say(35, "Everything recovers.");
    }

    private static IEnumerable<DemoStep> Changes()
    {
        yield return Change(TimeSpan.Zero, """{"id":"deploy-4711","kind":"deploy","summary":"orders 4.2: new connection pool","services":["orders"]}""");
        yield return Change(Rollback, """{"id":"rollback-4712","kind":"rollback","summary":"orders back to 4.1","services":["orders"],"reverts":"deploy-4711"}""");
        yield return Change(Restart, """{"id":"restart-4713","kind":"restart","summary":"orders and message server restarted","services":["orders","messaging"]}""");
    }

    private static IEnumerable<DemoStep> Memory()
    {
        for (var i = 0; i < MemoryPercent.Count; i++)
        {
            var says = $"WARNING: {MemoryPercent[i]} % of memory used";
            foreach (var step in Copies(Minutes(1 + (2.5 * i)), "mq-1", "messaging", "Message server memory", "warning", says, 3, MemoryPercent[i])) yield return step;
        }
        for (var at = OutOfMemory; at < Recovery; at += Minutes(1))
            foreach (var step in Copies(at, "mq-1", "messaging", "Message server memory", "critical", "OUT OF MEMORY: broker killed by the kernel", 3, 100)) yield return step;
        foreach (var step in Copies(Recovery, "mq-1", "messaging", "Message server memory", "ok", "OK: 31 % of memory used", 3, 31)) yield return step;
    }

    private static IEnumerable<DemoStep> BadConnections()
    {
        var count = 210;
        for (var at = Minutes(3); at < Recovery; at += Minutes(1), count += 7)
            foreach (var step in Copies(at, "app-2", "orders", "Connections in CLOSE_WAIT", "warning", $"WARNING: {count} connections in CLOSE_WAIT", 4, count)) yield return step;
        foreach (var step in Copies(Recovery, "app-2", "orders", "Connections in CLOSE_WAIT", "ok", "OK: 2 connections in CLOSE_WAIT", 4, 2)) yield return step;
    }

    /// <summary>Worker threads doubled, a thread at a time, in each wave.</summary>
    private static IEnumerable<DemoStep> WorkerThreads()
    {
        foreach (var (from, to) in new[] { (FirstWave, Recovered), (SecondWave, Recovery) })
        {
            for (var threads = 10; threads <= 20; threads++)
                foreach (var step in Copies(from + Minutes((threads - 10) * 0.8), "app-1", "orders", "Worker threads", "warning", $"WARNING: {threads} worker threads", 2, threads)) yield return step;
            foreach (var step in Copies(to, "app-1", "orders", "Worker threads", "ok", "OK: 8 worker threads", 2, 8)) yield return step;
        }
    }

    /// <summary>Every check of the storm breaks within forty seconds, is sent every minute, and recovers within half a minute.</summary>
    private static IEnumerable<DemoStep> Wave(TimeSpan from, TimeSpan to)
    {
        for (var i = 0; i < StormCheck.All.Count; i++)
        {
            var check = StormCheck.All[i];
            for (var at = from + TimeSpan.FromSeconds(0.6 * i); at < to; at += Minutes(1))
                foreach (var step in Copies(at, check.Host, check.Service, check.Name, check.Severity, check.Says, check.Contacts, null)) yield return step;
            foreach (var step in Copies(to + (Settles * i), check.Host, check.Service, check.Name, "ok", "OK", check.Contacts, null)) yield return step;
        }
    }

    /// <summary>The same complaint some six hundred times, and eleven lines of another kind among them.</summary>
    private static IEnumerable<DemoStep> LogMound()
    {
        var request = 70_001;
        for (var at = FirstWave; at < Recovery; at += TimeSpan.FromSeconds(at < Recovered || at >= SecondWave ? 2.5 : 20), request += 13)
            yield return Log(at, "orders", $"request {request} timed out after 30000 ms waiting for mq-1");
        for (var i = 0; i < 11; i++)
            yield return Log(NewErrors + TimeSpan.FromSeconds(i * 37), "orders", $"worker {i + 10} died: OutOfMemoryError: unable to create new native thread");
    }

    /// <summary>One observation as two monitoring servers send it, a second apart, to each contact.</summary>
    private static IEnumerable<DemoStep> Copies(TimeSpan at, string host, string service, string name, string severity, string says, int contacts, double? value)
    {
        for (var server = 0; server < 2; server++)
            for (var contact = 0; contact < contacts; contact++)
                yield return new DemoStep.Delivery("generic", Body(host, service, name, severity, says, value, Servers[server], Contacts[contact]))
                {
                    Offset = at + TimeSpan.FromSeconds(server),
                };
    }

    private static readonly string[] Servers = ["nagios-core", "nagios-xi"];

    private static readonly string[] Contacts = ["anna", "ben", "carla", "dan", "eva", "finn", "gina", "ops-mail"];

    private static string Body(string host, string service, string name, string severity, string says, double? value, string server, string contact)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("labels");
            json.WriteString("alertname", name);
            json.WriteString("host", host);
            json.WriteString("service", service);
            json.WriteString("application", "shop");
            json.WriteString("monitoring_server", server);
            json.WriteString("contact", contact);
            json.WriteEndObject();
            json.WriteString("status", severity == "ok" ? "resolved" : "firing");
            json.WriteString("severity", severity);
            json.WriteString("summary", says);
            if (value is { } number) json.WriteNumber("value", number);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static DemoStep.Delivery Log(TimeSpan at, string service, string message) =>
        new("logs", string.Create(CultureInfo.InvariantCulture, $$"""{"service":"{{service}}","level":"error","message":"{{message}}"}""")) { Offset = at };

    private static DemoStep.Delivery Change(TimeSpan at, string body) => new("changes", body) { Offset = at };

    private static DemoStep.Narration Say(double minutes, string text) => new(text) { Offset = Minutes(minutes) };

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);
}
