using Dedupe.Vocabulary;
using Pipeline.Topologies;
using Xunit;

namespace Pipeline.Tests.Topologies;

public sealed class TopologyTextTests
{
    private const string Catalogue = """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: orders, namespace: default}
        spec: {type: service, system: shop, dependsOn: ["resource:default/orders-db"], providesApis: [orders-api], consumesApis: [prices-api]}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Resource
        metadata: {name: orders-db}
        spec: {type: database, system: shop}
        ---
        # The same name twice: the component keeps it.
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: basket}
        spec: {type: service, subcomponentOf: orders, consumesApis: ["api:orders-api"], system: basket}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: offers}
        spec: {type: service, system: basket}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: System
        metadata: {name: shop}
        spec: {owner: us, domain: retail}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: API
        metadata: {name: orders-api}
        spec: {type: openapi, definition: "${not ours}"}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata: {name: us}
        """;

    private const string Objects = """
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: v1, kind: Node, metadata: {name: node-3}}
        - apiVersion: apps/v1
          kind: Deployment
          metadata: {name: orders, labels: {app.kubernetes.io/name: orders, app.kubernetes.io/component: api, app.kubernetes.io/part-of: shop}}
        - apiVersion: v1
          kind: Pod
          metadata: {name: orders-7d9f, labels: {app.kubernetes.io/name: orders, app.kubernetes.io/component: api, app.kubernetes.io/part-of: shop}}
          spec: {nodeName: node-3}
        - apiVersion: v1
          kind: Pod
          metadata: {name: shop-0, labels: {app.kubernetes.io/name: shop, app.kubernetes.io/component: web, app.kubernetes.io/part-of: shop}}
        - {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}
        - {apiVersion: v1, kind: Pod, metadata: {name: bare}}
        """;

    private static Topology Read(string text, TopologyFormat? format = null)
    {
        var (topology, problems) = TopologyText.Read(text, "file", format, _ => null);
        Assert.Empty(problems);
        return topology;
    }

    private static string Said(Topology topology) => string.Join("\n", topology.Components.OrderBy(c => c.Name, StringComparer.Ordinal)
        .Select(c => $"{c.Name} {c.Level.Word()} {c.PartOf ?? "-"} [{string.Join(' ', c.DependsOn)}]"));

    [Fact]
    public void A_backstage_catalogue_gives_components_systems_domains_and_who_consumes_whom() => Assert.Equal(
        """
        basket service orders [orders]
        offers service system:basket []
        orders service shop [orders-db prices-api]
        orders-db service shop []
        prices-api service - []
        retail business - []
        shop system retail []
        system:basket system - []
        """, Said(Read(Catalogue)));

    [Fact]
    public void Objects_of_kubernetes_give_services_systems_pods_and_nodes() => Assert.Equal(
        """
        node-3 host - []
        orders service shop []
        orders-7d9f host orders [node-3]
        shop system - []
        shop-0 host shop-web []
        shop-web service shop []
        """, Said(Read(Objects)));

    [Fact]
    public void Several_components_of_one_name_are_services_of_their_own() => Assert.Equal(
        """
        argo system - []
        argo-repo service argo []
        argo-server service argo []
        """,
        Said(Read("""
            {"apiVersion":"v1","kind":"List","items":[
             {"kind":"Deployment","metadata":{"name":"a","labels":{"app.kubernetes.io/name":"argo","app.kubernetes.io/component":"server"}}},
             {"kind":"Deployment","metadata":{"name":"b","labels":{"app.kubernetes.io/name":"argo","app.kubernetes.io/component":"repo"}}}]}
            """)));

    [Theory]
    [InlineData("api db\nweb api\n")]
    [InlineData("source,target\napi,db\nweb, api\n")]
    [InlineData("# who needs whom\n\"api\" -> \"db\";\nweb->api # the shop\n\ndb")]
    public void An_edge_list_says_who_needs_whom(string text) =>
        Assert.Equal("api service - [db]\ndb service - []\nweb service - [api]", Said(Read(text)));

    [Fact]
    public void A_graph_of_nodes_and_edges_points_the_way_that_its_labels_say() => Assert.Equal(
        """
        api service - [db]
        api-0 host api [node-1]
        db service - []
        node-1 host - []
        """,
        Said(Read("""
            {"nodes":[{"id":"api","type":"Service"},{"id":"db","type":"Database"},{"id":"api-0","type":"Service_Instance"},{"id":"node-1","type":"Host"}],
             "edges":[{"source":"api","target":"db","label":"data_flow"},{"source":"api-0","target":"api","label":"instance_of"},
                      {"source":"api","target":"api-0","label":"has_instance"},{"source":"node-1","target":"api-0","label":"hosts"}]}
            """)));

    [Theory]
    [InlineData("components: [{name: api, partOf: shop, dependsOn: [db]}, {name: db, level: host}, {name: shop, level: business}]")]
    [InlineData("topology:\n  components:\n  - {name: api, partOf: shop, dependsOn: [db]}\n  - {name: db, level: host}\n  - {name: shop, level: business}\n")]
    [InlineData("""{"components":[{"name":"api","partOf":"shop","dependsOn":["db"]},{"name":"db","level":"host"},{"name":"shop","level":"business","partOf":null,"dependsOn":[]}]}""")]
    public void Our_own_form_is_read_as_yaml_and_as_json(string text) =>
        Assert.Equal("api service shop [db]\ndb host - []\nshop business - []", Said(Read(text.Replace(",\"partOf\":null", "", StringComparison.Ordinal))));

    [Theory]
    [InlineData("", "file: is empty; write components: [{name: api, level: service}]")]
    [InlineData("[1, 2", "file:1: is not JSON")]
    [InlineData("components: [{name: a, dependsOn: [b]}]", "file:1: topology.components[0].dependsOn \"b\" is no component")]
    [InlineData("a -> b\na ->", "file:2: \"a ->\" is no edge; write a -> b where a needs b")]
    [InlineData("a -> b\na -> b -> c", "file:2: \"a -> b -> c\" is no edge; write a -> b where a needs b")]
    [InlineData("a b\nb b", "file:2: \"b\" depends on itself; take it out")]
    [InlineData("""{"nodes":[{"id":"a"}],"edges":[{"source":"a"}]}""", "file:1: an edge has no source or no target")]
    [InlineData("""{"nodes":[],"edges":[{"source":"a","target":"b","label":"part_of"},{"source":"b","target":"a","label":"part_of"}]}""", "file:1: a component cannot be part of itself: a -> b -> a")]
    [InlineData("apiVersion: backstage.io/v1alpha1\nkind: Component\nspec: {}", "file:1: a Component has no metadata.name")]
    public void What_is_wrong_is_said_with_its_line(string text, string mistake) =>
        Assert.Contains(TopologyText.Read(text, "file", EdgesWanted(text), _ => null).Problems, p => p.ToString().StartsWith(mistake, StringComparison.Ordinal));

    [Fact]
    public void A_circle_of_needs_is_none_of_belonging() => Assert.Equal("a service - [b]\nb service - [a]", Said(Read("a -> b\nb -> a")));

    [Fact]
    public void Any_text_at_all_is_read_to_an_end()
    {
        var random = new Random(20240518);
        string[] words = ["components:", "[", "]", "{", "}", "a", "b", "->", ",", "\n", " ", "- ", "\"", "kind: Pod", "apiVersion: v1", "\n---\n", ":", "#", "\"nodes\":", "null"];
        for (var i = 0; i < 3_000; i++)
            _ = TopologyText.Read(string.Concat(Enumerable.Range(0, random.Next(14)).Select(_ => words[random.Next(words.Length)])), "x", null, _ => null);
    }

    private static TopologyFormat? EdgesWanted(string text) => text.StartsWith("a -> b", StringComparison.Ordinal) ? TopologyFormat.Edges : null;
}
