using Dedupe.Vocabulary;

namespace Pipeline.Messages;

/// <summary>Asks a scope's owner to record an act. <paramref name="Act"/> is its stored JSON.</summary>
public sealed record RecordAct(int Scope, string Act);

/// <summary>Tells a scope's owner that a pager fails, or answers again.</summary>
public sealed record ReportPager(int Scope, string Pager, bool Failing, string Answer);

/// <summary>Asks a scope's owner to put a topology in force. <paramref name="Topology"/> is its stored JSON.</summary>
public sealed record AdoptTopology(int Scope, string Topology);

/// <summary>Asks a scope's owner what it has learned.</summary>
public sealed record AskLearned(int Scope);

/// <summary>The answer to that.</summary>
public sealed record LearnedHere(int Scope, LearnedEdge[] Edges, int Count);

/// <summary>The answer to an act: decided by this version of the scope's decisions.</summary>
public sealed record ActDecided(long Version);

/// <summary>The answer to all: this node does not decide that scope.</summary>
public sealed record NotMine(int Scope);

/// <summary>The answer to an act: not decided in time; repeating it is safe.</summary>
public sealed record Late(int Scope);
