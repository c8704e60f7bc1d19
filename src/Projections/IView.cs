using Dedupe.Deciding;
using Dedupe.Log;

namespace Projections;

/// <summary>A pure fold over decisions and outcomes. It knows no other view: one that fails takes no other with it.</summary>
internal interface IView
{
    /// <summary>What /readyz calls it.</summary>
    string Name { get; }

    void Fold(int scope, DecisionRecord record, Decision decision);

    void Fold(OutcomeRecord outcome) { }

    /// <summary>Forgets what ended before a time: past retention.</summary>
    void Trim(DateTimeOffset before) { }
}
