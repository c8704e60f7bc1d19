namespace Pipeline.Tests.Simulation;

/// <summary>Mistakes that a simulated part can be told to make: each breaks one promise, and the checker must see it.</summary>
internal enum Planted
{
    Nothing,

    /// <summary>A redelivery is recorded under an id of its own, so the decider cannot know it.</summary>
    CopiesUnknown,

    /// <summary>A message is acknowledged as it is taken, before what it holds is committed.</summary>
    AcknowledgesFirst,

    /// <summary>After an append of unknown outcome the same decisions are appended again, wherever the log stands now.</summary>
    RetriesBlind,

    /// <summary>Inputs are decided before they are committed.</summary>
    DecidesFirst,

    /// <summary>A page goes out when it is decided, before its decision is appended.</summary>
    SendsFirst,

    /// <summary>A snapshot holds what was decided and not appended.</summary>
    SavesUnappended,

    /// <summary>That a page was sent is recorded before it is sent.</summary>
    RecordsSentFirst,

    /// <summary>An incident's pages go out in any order.</summary>
    PagesOutOfOrder,

    /// <summary>After a broken connection the last decision is folded into the views again.</summary>
    FoldsTwice,

    /// <summary>Where another may have recorded in between, its rules stay in force for what this node records behind them.</summary>
    RulesForgotten,

    /// <summary>What is handed on to <c>default</c> goes under the delivery's own id.</summary>
    HandsOnAsItself,

    /// <summary>A message is acknowledged before what is handed on of it is confirmed.</summary>
    HandsOnLater,

    /// <summary>A delivery counts as accepted when one of its scopes' queues has confirmed it.</summary>
    AcceptsEarly,
}
