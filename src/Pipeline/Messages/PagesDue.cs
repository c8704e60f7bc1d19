namespace Pipeline.Messages;

/// <summary>A nudge: the scope's decisions up to this version hold pages. It may be lost or come twice; the log has the pages.</summary>
public sealed record PagesDue(int Scope, long Version);

/// <summary>Tells the pagers' nodes that pages are due. Never waits and never fails: who was not told looks by itself.</summary>
public interface INudges
{
    void PagesDue(int scope, long version);
}

/// <summary>Hears that pages are due.</summary>
public interface IPagesDue
{
    /// <summary>True as soon as a version beyond <paramref name="seen"/> was told of, at once if it has been; false when <paramref name="atMost"/> is over.</summary>
    ValueTask<bool> WaitAsync(int scope, long seen, TimeSpan atMost, CancellationToken cancel);
}
