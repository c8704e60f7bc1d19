namespace Pipeline.Messages;

/// <summary>Asks a scope's owner to record an act. <paramref name="Act"/> is its stored JSON.</summary>
public sealed record RecordAct(int Scope, string Act);

/// <summary>Tells a scope's owner that a pager fails, or answers again.</summary>
public sealed record ReportPager(int Scope, string Pager, bool Failing, string Answer);

/// <summary>Asks a scope's owner to put a topology in force. <paramref name="Topology"/> is its stored JSON.</summary>
public sealed record AdoptTopology(int Scope, string Topology);

/// <summary>The answer to all: decided by this version of the scope's decisions.</summary>
public sealed record ActDecided(long Version);

/// <summary>The answer to all: this node does not decide that scope.</summary>
public sealed record NotMine(int Scope);

/// <summary>The answer to all: not decided in time; repeating it is safe.</summary>
public sealed record Late(int Scope);
