using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Pipeline.Tests.Simulation;

/// <summary>Somebody on duty: acknowledges, notes and silences, and does it again when no answer comes.</summary>
internal sealed class Person(Site site, IReadOnlyList<DedupeNode> nodes, ProjectNode screens) : IActor
{
    private Asking? asking;
    private byte[] body = [];
    private int acts;

    public string Name => "person";

    public Task<bool> StepAsync()
    {
        if (asking is { IsDecided: true })
        {
            site.Checker.Answered(body);
            asking = null;
        }
        if (asking is not null) return Task.FromResult(asking.Step());
        if (!site.Faulty || screens.SomeIncident is not var (scope, incident)) return Task.FromResult(false);
        Act act = site.Random.Next(4) switch
        {
            0 => new Act.SetSilence(new($"s{scope}", [new("service", "mail", false, true)], site.Now, site.Now.AddSeconds(40), "eve", $"act {++acts}", site.Now)),
            1 => new Act.Resolve(incident, "ann", site.Maybe(2), $"act {++acts}"),
            2 => new Act.AddNote(incident, "ann", $"act {++acts}"),
            _ => new Act.Acknowledge(incident, "ann", $"act {++acts}", site.Now.AddSeconds(site.Random.Next(10, 300))),
        };
        body = DecisionCodec.Write(act);
        asking = new(site, nodes, InputKind.Act, body, [scope - 1]);
        return Task.FromResult(asking.Step());
    }

    public void Crash() { }
}
