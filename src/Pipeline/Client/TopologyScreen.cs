using System.Globalization;
using System.Text.Json;
using Dedupe.Vocabulary;
using Spectre.Console;

namespace Pipeline.Client;

/// <summary>What is declared of the world and what was learned of it, in the terminal; one is never taken for the other.</summary>
internal static class TopologyScreen
{
    private const int MostLearned = 50;

    public static void Show(IAnsiConsole console, JsonElement answer)
    {
        Declared(console, [.. answer.Items("components")]);
        console.WriteLine();
        Learned(console, answer, [.. answer.Items("learned")]);
    }

    private static void Declared(IAnsiConsole console, IReadOnlyList<JsonElement> components)
    {
        if (components.Count == 0)
        {
            console.WriteLine("DECLARED: nothing. ./pipeline topology FILE declares components and what they need; without them all goes by what is learned.");
            return;
        }
        var levels = components.GroupBy(c => c.Text("level") ?? "").Select(g => $"{g.Count()} {g.Key}");
        console.WriteLine(Terminal.Clean($"DECLARED: {Say.Count(components.Count, "component", "components")} ({string.Join(", ", levels)})"));
        var table = Terminal.Table("component", "level", "part of", "needs");
        foreach (var c in components)
            table.AddCells(c.Text("name") ?? "", c.Text("level") ?? "", c.Text("partOf") ?? "", string.Join(", ", c.Items("dependsOn").Select(d => d.GetString())));
        console.Write(table);
    }

    private static void Learned(IAnsiConsole console, JsonElement answer, IReadOnlyList<JsonElement> edges)
    {
        var silent = answer.Items("unanswered").Select(s => s.GetString()).ToList();
        if (silent.Count > 0) console.WriteLine(Terminal.Clean($"LEARNED: not known of {string.Join(", ", silent)}: nobody decides it at the moment, or its decider did not answer. Ask again."));
        if (edges.Count == 0)
        {
            if (silent.Count == 0)
                console.WriteLine("LEARNED: nothing yet. Two components are learned to be near once they began to alert within a minute of each other three times, and in most of their episodes.");
            return;
        }
        console.WriteLine("LEARNED: likely near, by what begins to alert within a minute of each other; declared by nobody unless it says so");
        var scopes = edges.Select(e => e.Text("scope")).Distinct().Count() > 1;
        var table = scopes ? Terminal.Table(">times", ">of", "last together", "scope", "between") : Terminal.Table(">times", ">of", "last together", "between");
        foreach (var e in edges.Take(MostLearned))
        {
            var between = $"{string.Join(" and ", e.Items("between").Select(b => b.GetString()))}{(e.Text("declared") == "true" ? " (declared too)" : "")}";
            table.AddCells([e.Text("times") ?? "", e.Text("of") ?? "", e.Time("lastSeen"), .. scopes ? [e.Text("scope") ?? "", between] : (string[])[between]]);
        }
        console.Write(table);
        var more = answer.Number("learnedCount") - Math.Min(edges.Count, MostLearned);
        if (more > 0) console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"... and {more} more; --json has {(answer.Number("learnedCount") > edges.Count ? "the strongest 1,000 of each scope" : "them all")}"));
    }
}
