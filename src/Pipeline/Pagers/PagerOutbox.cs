using Dedupe.Log;
using Pipeline.Hosting;

namespace Pipeline.Pagers;

/// <summary>What one pager is owed: a lane an incident, each in order; lanes go side by side.</summary>
internal sealed class PagerOutbox : IDisposable
{
    private readonly string pager;
    private readonly DispatchOptions options;
    private readonly CancellationToken stop;
    private readonly Delivery delivery;
    private readonly PagerHealth health;
    private readonly Running lanesRunning = new();

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<OwedPage>> lanes = [];
    private readonly Queue<string> waiting = [];
    private readonly HashSet<string> owed = [];
    private int working, bodies;
    private long characters;
    private OwedPage? lastGivenUp;

    public PagerOutbox(string pager, IPager port, Outcomes outcomes, IPagerReports reports, DispatchOptions options, CancellationToken stop)
    {
        this.pager = pager;
        this.options = options;
        this.stop = stop;
        health = new(pager, reports, options, ProbeAsync, stop);
        delivery = new(pager, port, outcomes, health, options);
    }

    public bool Owes(string pageId)
    {
        lock (gate) return owed.Contains(pageId);
    }

    public void Owe(OwedPage page)
    {
        lock (gate)
        {
            if (!owed.Add(page.Id)) return;
            PagerMeter.Owed(pager, 1);
            page = Bounded(page);
            if (lanes.TryGetValue(page.Incident, out var lane))
            {
                lane.Enqueue(page);
                return;
            }
            lanes[page.Incident] = new([page]);
            if (working == options.IncidentsAtOnce)
            {
                waiting.Enqueue(page.Incident);
                return;
            }
            working++;
        }
        lanesRunning.Start(() => WorkAsync(page.Incident));
    }

    public void WasFailing() => health.WasFailing();

    /// <summary>A pager that was failing and is owed nothing gets a fresh chance: there is no page left to try it with.</summary>
    public void Started()
    {
        lock (gate)
            if (owed.Count > 0) return;
        health.FreshStart();
    }

    public void Answered(string line) => health.Succeeded(line);

    public async Task StoppedAsync()
    {
        await lanesRunning.StoppedAsync();
        await health.StoppedAsync();
        lock (gate) PagerMeter.Owed(pager, -owed.Count);
        Dispose();
    }

    public void Dispose()
    {
        health.Dispose();
        delivery.Dispose();
    }

    private async Task WorkAsync(string incident)
    {
        while (true)
        {
            OwedPage page;
            lock (gate) page = lanes[incident].Peek();
            var state = await delivery.DeliverAsync(page, stop);
            lock (gate)
            {
                Forget(lanes[incident].Dequeue());
                if (state == PageState.Undeliverable) lastGivenUp = page;
                if (lanes[incident].Count > 0) continue;
                lanes.Remove(incident);
                if (!waiting.TryDequeue(out var next))
                {
                    working--;
                    return;
                }
                incident = next;
            }
        }
    }

    /// <summary>With nothing owed any more, the page last given up is what a failing pager is tried with.</summary>
    private async Task ProbeAsync()
    {
        OwedPage? probe;
        lock (gate)
        {
            if (owed.Count > 0) return; // these are the probe
            probe = lastGivenUp;
        }
        if (probe is not null && await delivery.ProbeAsync(probe, stop))
            lock (gate) lastGivenUp = null;
    }

    private OwedPage Bounded(OwedPage page)
    {
        if (page.Body is not { } body) return page;
        if (bodies >= options.BodiesInMemory || characters + body.Length > options.BodyCharactersInMemory) return page with { Body = null };
        bodies++;
        characters += body.Length;
        return page;
    }

    private void Forget(OwedPage page)
    {
        owed.Remove(page.Id);
        PagerMeter.Owed(pager, -1);
        if (page.Body is not { } body) return;
        bodies--;
        characters -= body.Length;
    }
}
