using Dedupe.Vocabulary;

namespace Pipeline.Config;

/// <summary>Reads <c>components: [{name, level, partOf, dependsOn}]</c> and checks that they fit together.</summary>
internal static class ComponentsReader
{
    private const int Most = 100_000;
    private const string Example = "{name: api, level: service, partOf: shop, dependsOn: [db]}";

    private sealed record Declared(Component Component, int Line, Value? PartOf, Value? DependsOn);

    public static Topology Read(Value value)
    {
        if (value.Node is not Node.List list)
        {
            value.Problems.Add(value.Node.Line, $"{value.Path} is {value.Node.Kind}, not a list; write [{Example}]");
            return Topology.None;
        }
        if (list.Items.Count > Most)
        {
            value.Problems.Add(list.Line, $"{value.Path} has more than {Most} components");
            return Topology.None;
        }
        var declared = new Dictionary<string, Declared>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (ReadOne(list.Items[i], $"{value.Path}[{i}]", value.Problems) is not { } one) continue;
            if (!declared.TryAdd(one.Component.Name, one))
                value.Problems.Add(one.Line, $"component \"{one.Component.Name}\" is on line {declared[one.Component.Name].Line} already; take one out");
        }
        foreach (var one in declared.Values) CheckNames(one, declared);
        CheckCycles(declared, value.Problems);
        return new([.. declared.Values.Select(d => d.Component)]);
    }

    private static Declared? ReadOne(Node node, string path, Problems problems)
    {
        if (Fields.Of(node, path, problems, Example, "name", "level", "partOf", "dependsOn") is not { } fields) return null;
        var level = fields["level", "service"]?.Word("host", "service", "system", "business") switch
        {
            "host" => Level.Host,
            "system" => Level.System,
            "business" => Level.Business,
            _ => Level.Service,
        };
        var (partOf, dependsOn) = (fields["partOf", "shop"], fields["dependsOn", "[db]"]);
        var (whole, needs) = (partOf?.Text(), dependsOn?.List(v => v.Text()));
        if (fields["name", "api"] is not { } value)
        {
            fields.Missing("has no name; add name: api");
            return null;
        }
        return value.Text() is { } name ? new(new(name, level, whole, needs ?? []), value.Node.Line, partOf, dependsOn) : null;
    }

    private static void CheckNames(Declared one, Dictionary<string, Declared> declared)
    {
        if (one.Component.PartOf is { } whole && !declared.ContainsKey(whole)) Unknown(one.PartOf!, one.PartOf!.Node.Line, whole, declared);
        var lines = one.DependsOn?.Node is Node.List { Items: var items } ? items : [];
        foreach (var need in one.Component.DependsOn)
        {
            var line = lines.FirstOrDefault(i => i is Node.Scalar s && s.Text == need)?.Line ?? one.Line;
            if (need == one.Component.Name) one.DependsOn!.Problems.Add(line, $"{one.DependsOn.Path}: \"{need}\" depends on itself; take it out");
            else if (!declared.ContainsKey(need)) Unknown(one.DependsOn!, line, need, declared);
        }
    }

    private static void Unknown(Value value, int line, string name, Dictionary<string, Declared> declared)
    {
        // Looking for near names costs; a file with thousands of components gets the plain advice.
        var near = declared.Count <= 2_000 ? Nearest.To(name, declared.Keys) : null;
        value.Problems.Add(line, $"{value.Path} \"{name}\" is no component; " + (near is null ? "declare it or take it out" : $"did you mean {near}?"));
    }

    private static void CheckCycles(Dictionary<string, Declared> declared, Problems problems)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in declared.Values)
        {
            var path = new List<string>();
            var at = start;
            while (at is not null && done.Add(at.Component.Name))
            {
                path.Add(at.Component.Name);
                at = at.Component.PartOf is { } whole ? declared.GetValueOrDefault(whole) : null;
            }
            if (at is null || path.IndexOf(at.Component.Name) is var from && from < 0) continue;
            var cycle = string.Join(" -> ", path[from..].Append(at.Component.Name));
            problems.Add(at.PartOf!.Node.Line, $"{at.PartOf.Path}: a component cannot be part of itself: {cycle}; take out one partOf");
        }
    }
}
