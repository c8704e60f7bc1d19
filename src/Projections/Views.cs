using Dedupe.Deciding;
using Dedupe.Log;

namespace Projections;

/// <summary>The views, a line each, and the one lock between who folds and who reads.</summary>
public sealed class Views
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, string> stopped = [];
    private readonly List<IView> running;

    public Views()
    {
        running = [Alerts, Incidents, Changes, Silences, Rejected, Pages, Unseen, Pagers, Components];
    }

    public Alerts Alerts { get; } = new();
    public Incidents Incidents { get; } = new();
    public Changes Changes { get; } = new();
    public Silences Silences { get; } = new();
    public Rejected Rejected { get; } = new();
    public Pages Pages { get; } = new();
    public Unseen Unseen { get; } = new();
    public Pagers Pagers { get; } = new();
    public Components Components { get; } = new();

    /// <summary>Who follows the decisions as they are folded.</summary>
    public Followers Followers { get; } = new();

    /// <summary>Views that failed, with the error; they stay as they were then, until a restart.</summary>
    public IReadOnlyDictionary<string, string> Stopped
    {
        get
        {
            lock (gate) return new Dictionary<string, string>(stopped);
        }
    }

    /// <summary>Folds one decision into every view. A scope's decisions come in order, each once.</summary>
    public void Fold(int scope, DecisionRecord record, Decision decision)
    {
        lock (gate)
        {
            for (var i = running.Count - 1; i >= 0; i--)
            {
                try
                {
                    running[i].Fold(scope, record, decision);
                }
                catch (Exception e)
                {
                    Stop(i, $"decision {scope}:{record.Version} ({record.Type}): {e.GetType().Name}: {e.Message}");
                }
            }
            Followers.Tell(scope, record, decision);
        }
    }

    /// <summary>Folds what became of a page; before or after the page itself.</summary>
    public void Fold(OutcomeRecord outcome)
    {
        lock (gate)
        {
            for (var i = running.Count - 1; i >= 0; i--)
            {
                try
                {
                    running[i].Fold(outcome);
                }
                catch (Exception e)
                {
                    Stop(i, $"outcome of page {outcome.PageId}: {e.GetType().Name}: {e.Message}");
                }
            }
        }
    }

    /// <summary>Reads under the lock: copy out what is wanted, hold on to nothing, and be brief.</summary>
    public T Read<T>(Func<Views, T> read)
    {
        lock (gate) return read(this);
    }

    /// <summary>Forgets what ended before a time: past retention.</summary>
    public void Trim(DateTimeOffset before)
    {
        lock (gate)
            foreach (var view in running) view.Trim(before);
    }

    // Any exception: a view must never stop deciding, and which one failed is what the person on duty needs to know.
    private void Stop(int index, string error)
    {
        stopped[running[index].Name] = error;
        running.RemoveAt(index);
    }
}
