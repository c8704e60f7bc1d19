using Pipeline.Config;

namespace Pipeline.Topologies;

/// <summary>Looking into what other programs wrote: what is not there, or is something else, is null.</summary>
internal static class Nodes
{
    public static Node? Of(this Node? node, string name) =>
        node is Node.Map map ? map.Entries.FirstOrDefault(e => e.Name == name)?.Value : null;

    /// <summary>What a path of keys leads to.</summary>
    public static Node? Of(this Node? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path) node = node.Of(name);
        return node;
    }

    /// <summary>The text under a key; null where there is none or an empty one.</summary>
    public static string? Text(this Node? node, params ReadOnlySpan<string> path) =>
        node.Of(path) is Node.Scalar { IsNull: false, Text: var text } && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;

    public static IReadOnlyList<Node> Items(this Node? node, params ReadOnlySpan<string> path) =>
        node.Of(path) is Node.List list ? list.Items : [];

    /// <summary>The texts of a list; one text alone is a list of it.</summary>
    public static IEnumerable<(string Text, int Line)> Texts(this Node? node) => node switch
    {
        Node.Scalar { IsNull: false } one when one.Text.Trim().Length > 0 => [(one.Text.Trim(), one.Line)],
        Node.List list => list.Items.SelectMany(i => i is Node.List ? [] : i.Texts()),
        _ => [],
    };
}
