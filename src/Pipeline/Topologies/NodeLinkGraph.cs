using Dedupe.Vocabulary;
using Pipeline.Config;

namespace Pipeline.Topologies;

/// <summary>
/// Nodes and edges in JSON, as graph tools and traces write them; an edge's label says which way it points:
/// <code>
/// {"nodes":[{"id":"api","type":"Service"},{"id":"api-0","type":"Service_Instance"},{"id":"node-1","type":"Host"}],
///  "edges":[{"source":"web","target":"api","label":"calls"},{"source":"api-0","target":"api","label":"instance_of"},
///           {"source":"node-1","target":"api-0","label":"hosts"}]}
/// </code>
/// </summary>
internal static class NodeLinkGraph
{
    /// <summary>The first is part of the second.</summary>
    private static readonly HashSet<string> Parts = ["instanceof", "partof", "memberof", "belongsto", "childof", "componentof", "subcomponentof"];

    /// <summary>The second is part of the first.</summary>
    private static readonly HashSet<string> Wholes = ["hasinstance", "haspart", "hasmember", "contains", "parentof", "includes", "hascomponent"];

    /// <summary>The second needs the first.</summary>
    private static readonly HashSet<string> Carriers = ["hosts", "runs", "provides", "serves", "supports", "dependencyof", "requiredby", "usedby", "calledby"];

    public static Node.List? EdgesOf(Node? graph) => (graph.Of("edges") ?? graph.Of("links")) as Node.List;

    public static Topology Read(IReadOnlyList<Node> documents, Problems problems)
    {
        var draft = new TopologyDraft(problems);
        foreach (var document in documents)
        {
            foreach (var node in document.Items("nodes"))
            {
                if (NameOf(node) is { } name) draft.Add(name, KindWords.Of(node.Text("level") ?? node.Text("type") ?? node.Text("kind")), node.Line);
                else problems.Add(node.Line, "a node has no id; add \"id\": \"api\"");
            }
            foreach (var edge in EdgesOf(document)?.Items ?? []) Edge(draft, edge, problems);
        }
        return draft.Build();
    }

    private static void Edge(TopologyDraft draft, Node edge, Problems problems)
    {
        if ((edge.Text("source") ?? edge.Text("from")) is not { } source || (edge.Text("target") ?? edge.Text("to")) is not { } target)
        {
            problems.Add(edge.Line, "an edge has no source or no target; write {\"source\": \"api\", \"target\": \"db\"}");
            return;
        }
        var label = Plain(edge.Text("label") ?? edge.Text("type") ?? edge.Text("kind") ?? edge.Text("relation"));
        if (Parts.Contains(label)) draft.Belongs(source, target, edge.Line);
        else if (Wholes.Contains(label)) draft.Belongs(target, source, edge.Line);
        else if (Carriers.Contains(label)) draft.Needs(target, source, edge.Line);
        else draft.Needs(source, target, edge.Line);
    }

    private static string? NameOf(Node node) => node is Node.Scalar { IsNull: false } scalar ? scalar.Text : node.Text("id") ?? node.Text("name");

    /// <summary>Without what only joins words: <c>has_instance</c>, <c>hasInstance</c> and <c>has instance</c> are one.</summary>
    private static string Plain(string? label) => label is null ? "" : string.Concat(label.Where(char.IsAsciiLetter)).ToLowerInvariant();
}
