namespace Pipeline.Pagers;

/// <summary>One page to hand to one pager: the frozen bytes that every attempt sends under the same id.</summary>
/// <param name="Kind">opened, changed, resolved, reminder or test.</param>
/// <param name="Resent">A person asked for it again after it was undeliverable.</param>
public sealed record Page(string Id, string Pager, string Incident, string Kind, ReadOnlyMemory<byte> Body, bool Resent = false);

/// <summary>A page that was decided and has neither been sent nor given up.</summary>
/// <param name="DecidedAt">When the decider decided it.</param>
/// <param name="Body">The frozen JSON; null to have it loaded when its turn comes.</param>
/// <param name="Since">From when its 24 h run: when a person asked for it again; null for <paramref name="DecidedAt"/>.</param>
/// <param name="Attempts">Attempts made before a restart.</param>
public sealed record OwedPage(
    string Id, string Pager, string Incident, string Kind, DateTimeOffset DecidedAt, string? Body, DateTimeOffset? Since = null, int Attempts = 0);
