namespace Pipeline.Topologies;

/// <summary>The forms in which people have a topology.</summary>
internal enum TopologyFormat
{
    /// <summary>Our own: <c>components: [{name, level, partOf, dependsOn}]</c>.</summary>
    Components,

    /// <summary>A Backstage catalogue: one or many <c>catalog-info.yaml</c>.</summary>
    Backstage,

    /// <summary>What <c>kubectl get -o json</c> or <c>-o yaml</c> prints, by the labels <c>app.kubernetes.io/...</c>.</summary>
    Kubernetes,

    /// <summary>A line an edge: <c>a b</c>, <c>a,b</c> or <c>a -> b</c>, where a needs b.</summary>
    Edges,

    /// <summary>Nodes and edges in JSON, as graph tools write them.</summary>
    Graph,
}
