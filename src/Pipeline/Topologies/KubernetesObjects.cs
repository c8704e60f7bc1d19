using Dedupe.Vocabulary;
using Pipeline.Config;

namespace Pipeline.Topologies;

/// <summary>
/// Objects of Kubernetes by its recommended labels, as <c>kubectl get deploy,pods,nodes -A -o yaml</c> prints them:
/// <code>
/// kind: Pod
/// metadata: {name: orders-7d9f, labels: {app.kubernetes.io/name: orders, app.kubernetes.io/component: api, app.kubernetes.io/part-of: shop}}
/// spec: {nodeName: node-3}
/// </code>
/// </summary>
/// <remarks>
/// <c>name</c> is a service, <c>part-of</c> a system; several <c>component</c>s of one name are a service each, parts of that name. A pod is part of
/// its service and depends on its node. What depends on which service no label says.
/// </remarks>
internal static class KubernetesObjects
{
    private const string Prefix = "app.kubernetes.io/";

    private static readonly HashSet<string> Kinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Service", "Pod", "Node"];

    private sealed record Labelled(string Kind, string Name, string Service, string? Component, string? PartOf, string? Node, int Line);

    public static Topology Read(IReadOnlyList<Node> documents, Problems problems)
    {
        var draft = new TopologyDraft(problems);
        var objects = new List<Labelled>();
        foreach (var item in documents.SelectMany(Objects))
        {
            if (item.Text("kind") is not { } kind || !Kinds.Contains(kind)) continue;
            if (item.Text("metadata", "name") is not { } name) problems.Add(item.Line, $"a {kind} has no metadata.name; add one");
            else if (kind == "Node") draft.Add(name, Level.Host, item.Line);
            else if (Of(item, kind, name) is { } labelled) objects.Add(labelled);
        }
        var components = objects.Where(o => o.Component is not null).GroupBy(o => o.Service).ToDictionary(g => g.Key, g => g.Select(o => o.Component).Distinct().Count());
        var systems = objects.Select(o => o.PartOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var o in objects) Add(draft, o, several: components.GetValueOrDefault(o.Service) > 1, isSystem: systems.Contains(o.Service));
        return draft.Build();
    }

    private static void Add(TopologyDraft draft, Labelled o, bool several, bool isSystem)
    {
        var service = o.Component is not null && (several || isSystem) ? $"{o.Service}-{o.Component}" : o.Service;
        var whole = several && service != o.Service ? o.Service : o.PartOf;
        if (whole is not null && whole != service)
        {
            draft.Add(whole, Level.System, o.Line);
            draft.Belongs(service, whole, o.Line);
        }
        if (whole == o.Service && o.PartOf is { } above && above != whole)
        {
            draft.Add(above, Level.System, o.Line);
            draft.Belongs(whole, above, o.Line);
        }
        draft.Add(service, isSystem && service == o.Service ? Level.System : Level.Service, o.Line);
        if (o.Kind != "Pod") return;
        if (o.Name != service)
        {
            draft.Add(o.Name, Level.Host, o.Line);
            draft.Belongs(o.Name, service, o.Line);
        }
        if (o.Node is null) return;
        draft.Add(o.Node, Level.Host, o.Line);
        draft.Needs(o.Name, o.Node, o.Line);
    }

    private static Labelled? Of(Node item, string kind, string name)
    {
        var labels = item.Of("metadata", "labels");
        var service = labels.Text(Prefix + "name") ?? labels.Text("k8s-app") ?? labels.Text("app")
            ?? (kind is "Deployment" or "StatefulSet" or "DaemonSet" or "CronJob" ? name : null);
        if (service is null) return null;
        return new(kind, name, service, labels.Text(Prefix + "component"), labels.Text(Prefix + "part-of"), item.Text("spec", "nodeName"), item.Line);
    }

    private static IEnumerable<Node> Objects(Node document) => document.Of("items") is Node.List items ? items.Items : document is Node.List list ? list.Items : [document];
}
