using Dedupe.Vocabulary;
using Pipeline.Config;

namespace Pipeline.Topologies;

/// <summary>
/// Entities of a Backstage catalogue (backstage.io, descriptor format), a document each:
/// <code>
/// apiVersion: backstage.io/v1alpha1
/// kind: Component
/// metadata: {name: orders}
/// spec: {type: service, system: shop, dependsOn: ["resource:orders-db"], providesApis: [orders-api], consumesApis: [prices-api]}
/// </code>
/// </summary>
/// <remarks>
/// Who consumes an API depends on who provides it; an API that nobody here provides is a component itself. Systems and domains of a name that a
/// component has too are called by their reference, <c>system:orders</c>.
/// </remarks>
internal static class BackstageCatalogue
{
    private sealed record Entity(string Kind, string Name, Node Document)
    {
        public Node? Spec => Document.Of("spec");
    }

    public static Topology Read(IReadOnlyList<Node> documents, Problems problems)
    {
        var entities = new List<Entity>();
        foreach (var document in documents.SelectMany(Entities))
        {
            if (document.Text("kind") is not { } kind) problems.Add(document.Line, "an entity has no kind; write kind: Component");
            else if (document.Text("metadata", "name") is not { } name) problems.Add(document.Line, $"a {kind} has no metadata.name; add one");
            else entities.Add(new(kind.ToLowerInvariant(), name, document));
        }
        var draft = new TopologyDraft(problems);
        var leaves = entities.Where(e => e.Kind is "component" or "resource").ToList();
        foreach (var entity in leaves) draft.Add(entity.Name, entity.Kind == "resource" ? KindWords.Of(entity.Spec.Text("type")) : Level.Service, entity.Document.Line);
        var providers = leaves.SelectMany(e => e.Spec.Of("providesApis").Texts().Select(a => (Api: NameOf(a.Text), e.Name))).ToLookup(p => p.Api, p => p.Name);
        foreach (var entity in entities) Read(entity, draft, providers);
        return draft.Build();
    }

    private static void Read(Entity entity, TopologyDraft draft, ILookup<string, string> providers)
    {
        var (spec, line) = (entity.Spec, entity.Document.Line);
        switch (entity.Kind)
        {
            case "component" or "resource":
                if (spec.Text("subcomponentOf") is { } parent) draft.Belongs(entity.Name, NameOf(parent), line);
                else if (spec.Text("system") is { } system) draft.Belongs(entity.Name, Whole(draft, "system", Level.System, system, line), line);
                foreach (var (need, at) in spec.Of("dependsOn").Texts()) draft.Needs(entity.Name, NameOf(need), at);
                foreach (var (user, at) in spec.Of("dependencyOf").Texts()) draft.Needs(NameOf(user), entity.Name, at);
                foreach (var (api, at) in spec.Of("consumesApis").Texts())
                    foreach (var provider in providers[NameOf(api)].DefaultIfEmpty(NameOf(api))) draft.Needs(entity.Name, provider, at);
                break;
            case "system":
                var name = Whole(draft, "system", Level.System, entity.Name, line);
                if (spec.Text("domain") is { } domain) draft.Belongs(name, Whole(draft, "domain", Level.Business, domain, line), line);
                break;
            case "domain":
                var self = Whole(draft, "domain", Level.Business, entity.Name, line);
                if (spec.Text("subdomainOf") is { } above) draft.Belongs(self, Whole(draft, "domain", Level.Business, above, line), line);
                break;
        }
    }

    /// <summary>A system's or domain's name here: its own, or its reference where another kind of entity has that name.</summary>
    private static string Whole(TopologyDraft draft, string kind, Level level, string reference, int line)
    {
        var (name, full) = (NameOf(reference), $"{kind}:{NameOf(reference)}");
        if (draft.LevelOf(name) is { } taken && taken != level) name = full;
        draft.Add(name, level, line);
        return name;
    }

    /// <summary><c>[kind:][namespace/]name</c>.</summary>
    private static string NameOf(string reference) => reference[(reference.LastIndexOfAny([':', '/']) + 1)..];

    /// <summary>A catalogue may come as a list, as its API answers.</summary>
    private static IEnumerable<Node> Entities(Node document) =>
        document is Node.List list ? list.Items : document.Of("items") is Node.List items ? items.Items : [document];
}
