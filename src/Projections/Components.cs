using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>The topology in force.</summary>
public sealed class Components : IView
{
    string IView.Name => "components";

    public Topology Topology { get; private set; } = Topology.None;

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is Decision.TopologyAdopted adopted) Topology = adopted.Topology;
    }
}
