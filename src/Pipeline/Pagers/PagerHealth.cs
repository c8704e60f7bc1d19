using Pipeline.Hosting;

namespace Pipeline.Pagers;

/// <summary>Whether a pager fails: a minute without a success and with a failure. Reported once, and its recovery once.</summary>
/// <remarks>
/// A refused page (4xx) says that the pager is there and the page was wrong, so one alone is no failure: meanwhile the decider gathers what a
/// failing pager is due, and a single bad page must not hold up the others. Two different pages refused in a row are the pager's fault.
/// </remarks>
internal sealed partial class PagerHealth : IDisposable
{
    private readonly string pager;
    private readonly IPagerReports reports;
    private readonly DispatchOptions options;
    private readonly Func<Task> probe;
    private readonly CancellationToken stop;
    private readonly Running running = new();
    private readonly ITimer watch;

    private readonly Lock gate = new();
    private DateTimeOffset? failingSince;
    private (string Page, DateTimeOffset At)? refused;
    private string lastAnswer = "";
    private bool failing, told, telling, probing;

    public PagerHealth(string pager, IPagerReports reports, DispatchOptions options, Func<Task> probe, CancellationToken stop)
    {
        (this.pager, this.reports, this.options, this.probe, this.stop) = (pager, reports, options, probe, stop);
        watch = options.Time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Note(string page, PagerAnswer answer)
    {
        switch (answer.Verdict)
        {
            case PagerVerdict.Accepted: Succeeded(answer.Line); break;
            case PagerVerdict.TryAgain: Failed(options.Time.GetUtcNow(), answer.Line); break;
            case PagerVerdict.Refused: Refused(page, answer.Line); break;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    public void Succeeded(string line)
    {
        lock (gate)
        {
            refused = null;
            Clear(line);
        }
    }

    /// <summary>The log says that it was failing when the process last stopped: the next success is its recovery.</summary>
    public void WasFailing()
    {
        lock (gate)
        {
            failing = told = true;
            failingSince = options.Time.GetUtcNow();
            watch.Change(options.FailingAfter, options.FailingAfter);
        }
    }

    public void FreshStart()
    {
        lock (gate) Clear("started again with nothing owed; its next page will tell");
    }

    public async Task StoppedAsync()
    {
        Dispose();
        await running.StoppedAsync();
    }

    public void Dispose() => watch.Dispose();

    private void Failed(DateTimeOffset since, string line)
    {
        lock (gate)
        {
            lastAnswer = line;
            if (failingSince is not null) return;
            failingSince = since;
            watch.Change(options.FailingAfter, options.FailingAfter);
        }
    }

    private void Refused(string page, string line)
    {
        lock (gate)
        {
            lastAnswer = line;
            if (refused is { } before && before.Page != page) Failed(before.At, line);
            else if (refused is null)
            {
                refused = (page, options.Time.GetUtcNow());
                Clear(line); // it answers again, if only to say no to this page
            }
        }
    }

    private void Clear(string line)
    {
        failingSince = null;
        lastAnswer = line;
        watch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (!failing) return;
        failing = false;
        Tell();
    }

    /// <summary>Every minute while it fails.</summary>
    private void Look()
    {
        lock (gate)
        {
            if (failingSince is null || stop.IsCancellationRequested) return;
            if (!failing)
            {
                failing = true;
                Tell();
            }
            else if (!probing)
            {
                probing = true;
                running.Start(ProbeAsync);
            }
        }
    }

    private async Task ProbeAsync()
    {
        try
        {
            await probe();
        }
        finally
        {
            lock (gate) probing = false;
        }
    }

    private void Tell()
    {
        if (telling) return;
        telling = true;
        running.Start(TellAsync);
    }

    /// <summary>Until what was told is what is so. A state that came and went while the log was away is not told.</summary>
    private async Task TellAsync()
    {
        while (true)
        {
            bool now;
            string answer;
            lock (gate)
            {
                if (told == failing)
                {
                    telling = false;
                    return;
                }
                (now, answer) = (failing, lastAnswer);
            }
            try
            {
                await reports.ReportAsync(pager, now, answer, stop);
                lock (gate) told = now;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                NotReported(options.Logger, e, pager, now);
                await Task.Delay(TimeSpan.FromSeconds(5), options.Time, stop);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "That pager {Pager} fails ({Failing}) could not be recorded; trying again")]
    private static partial void NotReported(ILogger logger, Exception why, string pager, bool failing);
}
