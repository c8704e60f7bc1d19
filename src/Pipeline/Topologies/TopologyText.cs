using Dedupe.Vocabulary;
using Pipeline.Config;

namespace Pipeline.Topologies;

/// <summary>Reads a topology in any form that people have one in, and says which it is where nobody does.</summary>
internal static class TopologyText
{
    /// <summary>The formats as the command line and the API name them.</summary>
    public static readonly IReadOnlyDictionary<string, TopologyFormat> Formats = new Dictionary<string, TopologyFormat>(StringComparer.Ordinal)
    {
        ["components"] = TopologyFormat.Components,
        ["backstage"] = TopologyFormat.Backstage,
        ["kubernetes"] = TopologyFormat.Kubernetes,
        ["edges"] = TopologyFormat.Edges,
        ["graph"] = TopologyFormat.Graph,
    };

    /// <summary>The topology, and every mistake with its line; with mistakes the topology is not to be used.</summary>
    /// <param name="file">How messages name the text.</param>
    /// <param name="format">Null: told from the text.</param>
    /// <param name="environment">Where <c>${NAME}</c> of our own form comes from; the process's environment unless told.</param>
    public static (Topology Topology, IReadOnlyList<Problem> Problems) Read(
        string text, string file, TopologyFormat? format, Func<string, string?>? environment = null)
    {
        var problems = new Problems(file);
        if (text.AsSpan().Trim().IsEmpty)
        {
            problems.Add(0, $"is empty; {NoComponents}");
            return (Topology.None, problems.All);
        }
        var topology = Read(text, format, problems, environment);
        return (topology, problems.All);
    }

    private const string NoComponents = "write components: [{name: api, level: service}]";

    private static Topology Read(string text, TopologyFormat? format, Problems problems, Func<string, string?>? environment)
    {
        if (format == TopologyFormat.Edges || (format is null && EdgeList.Looks(text))) return EdgeList.Read(text, problems);
        if (format == TopologyFormat.Components) return Own(text, problems, environment);
        // What is wrong with a text that turns out to be our own is said by its own reader, which reads on behind a mistake.
        var unread = new Problems("");
        var documents = JsonNodes.Looks(text) ? JsonNodes.Read(text, unread) : Yaml.Documents(text, unread);
        format ??= documents.Count == 0 ? TopologyFormat.Components : FormatOf(documents);
        if (format == TopologyFormat.Components) return Own(text, problems, environment);
        foreach (var problem in unread.All) problems.Add(problem.Line, problem.Text);
        if (unread.All.Count > 0) return Topology.None;
        return format switch
        {
            TopologyFormat.Backstage => BackstageCatalogue.Read(documents, problems),
            TopologyFormat.Kubernetes => KubernetesObjects.Read(documents, problems),
            TopologyFormat.Graph => NodeLinkGraph.Read(documents, problems),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static TopologyFormat FormatOf(IReadOnlyList<Node> documents)
    {
        if (documents.Any(d => d.Text("apiVersion")?.StartsWith("backstage.io/", StringComparison.Ordinal) == true)) return TopologyFormat.Backstage;
        if (documents.Any(d => d.Text("apiVersion") is not null && d.Text("kind") is not null)) return TopologyFormat.Kubernetes;
        return documents.Any(d => d.Of("nodes") is Node.List && NodeLinkGraph.EdgesOf(d) is not null) ? TopologyFormat.Graph : TopologyFormat.Components;
    }

    /// <summary><c>components: [...]</c>, on its own or under <c>topology:</c>.</summary>
    private static Topology Own(string text, Problems problems, Func<string, string?>? environment)
    {
        var root = JsonNodes.Looks(text)
            ? JsonNodes.Read(text, problems) is [Node.Map map, ..] ? map : null
            : Yaml.Read(text, problems, new(environment ?? Environment.GetEnvironmentVariable));
        if (root is null)
        {
            if (problems.All.Count == 0) problems.Add(1, $"is no topology; {NoComponents}");
            return Topology.None;
        }
        if (root.Entries is [{ Name: "topology", Value: Node.Map inner }]) root = inner;
        if (Fields.Of(root, "topology", problems, "components: [...]", "components") is not { } fields) return Topology.None;
        if (fields["components", "[]"] is { } components) return ComponentsReader.Read(components);
        problems.Add(0, $"holds no components; {NoComponents}");
        return Topology.None;
    }
}
