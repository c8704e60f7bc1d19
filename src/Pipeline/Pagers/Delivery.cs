using System.Text;
using System.Text.Json;
using Dedupe.Log;
using Polly;
using Polly.Retry;

namespace Pipeline.Pagers;

/// <summary>Sees one page through to its end: attempts with back-off, until the pager has it or it is given up.</summary>
internal sealed partial class Delivery : IDisposable
{
    private static readonly ResiliencePropertyKey<Course> CourseKey = new("pipeline.page");

    private readonly string pager;
    private readonly IPager port;
    private readonly Outcomes outcomes;
    private readonly PagerHealth health;
    private readonly DispatchOptions options;
    private readonly SemaphoreSlim atOnce;
    private readonly ResiliencePipeline<PagerAnswer> retries;

    public Delivery(string pager, IPager port, Outcomes outcomes, PagerHealth health, DispatchOptions options)
    {
        (this.pager, this.port, this.outcomes, this.health, this.options) = (pager, port, outcomes, health, options);
        atOnce = new(options.AttemptsAtOnce);
        retries = new ResiliencePipelineBuilder<PagerAnswer> { TimeProvider = options.Time }
            .AddRetry(new RetryStrategyOptions<PagerAnswer>
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.FirstRetry,
                MaxDelay = options.LongestRetry,
                ShouldHandle = args => ValueTask.FromResult(IsWorthAnother(args.Outcome.Result, CourseOf(args.Context))),
                DelayGenerator = args => ValueTask.FromResult(AskedDelay(args.Outcome.Result)),
                OnRetry = args => new(NoteFailingAsync(args.Outcome.Result!, CourseOf(args.Context))),
            })
            .Build();
    }

    /// <summary>What a page has been through.</summary>
    private sealed class Course(OwedPage page)
    {
        public OwedPage Page { get; } = page;
        public int Attempts { get; set; } = page.Attempts;
        public DateTimeOffset? NotedFailing { get; set; }
    }

    /// <summary>Ends with <see cref="PageState.Sent"/> or <see cref="PageState.Undeliverable"/>, recorded.</summary>
    public async Task<PageState> DeliverAsync(OwedPage owed, CancellationToken cancel)
    {
        var course = new Course(owed);
        var context = ResilienceContextPool.Shared.Get(cancel);
        PagerAnswer answer;
        try
        {
            context.Properties.Set(CourseKey, course);
            answer = await retries.ExecuteAsync(
                static (context, self) => new ValueTask<PagerAnswer>(self.AttemptAsync(CourseOf(context), context.CancellationToken)), context, this);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
        if (answer.Verdict == PagerVerdict.Accepted)
        {
            await SentAsync(course, answer, cancel);
            return PageState.Sent;
        }
        var now = options.Time.GetUtcNow();
        var line = answer.Verdict == PagerVerdict.Refused ? answer.Line : $"given up after {options.GiveUp.TotalHours:0} h: {answer.Line}";
        PagerMeter.GivenUp(pager);
        GivenUp(options.Logger, owed.Id, pager, line);
        await outcomes.WriteForSureAsync(new(owed.Id, pager, PageState.Undeliverable, now, course.Attempts, line), cancel);
        return PageState.Undeliverable;
    }

    /// <summary>One attempt with a page that was given up; true where the pager took it.</summary>
    public async Task<bool> ProbeAsync(OwedPage page, CancellationToken cancel)
    {
        var course = new Course(page);
        var answer = await AttemptAsync(course, cancel);
        if (answer.Verdict != PagerVerdict.Accepted) return false;
        await SentAsync(course, answer, cancel);
        return true;
    }

    public void Dispose() => atOnce.Dispose();

    private static Course CourseOf(ResilienceContext context) => context.Properties.GetValue(CourseKey, null!);

    private async Task<PagerAnswer> AttemptAsync(Course course, CancellationToken cancel)
    {
        var owed = course.Page;
        await atOnce.WaitAsync(cancel);
        PagerAnswer answer;
        try
        {
            course.Attempts++;
            if ((owed.Body ?? await options.LoadBody(owed.Id)) is not { } body) return new(PagerVerdict.Refused, "the log no longer has its body");
            var page = new Page(owed.Id, pager, owed.Incident, owed.Kind, Encoding.UTF8.GetBytes(body), Resent: owed.Since is not null);
            answer = await port.SendAsync(page, cancel);
        }
        catch (JsonException e)
        {
            answer = new(PagerVerdict.Refused, $"its body is not a page: {e.Message}");
        }
        catch (Exception e)
        {
            cancel.ThrowIfCancellationRequested();
            answer = new(PagerVerdict.TryAgain, $"{e.GetType().Name}: {PlainText.OneLine(e.Message, 200)}");
        }
        finally
        {
            atOnce.Release();
        }
        if (answer.Verdict != PagerVerdict.Accepted) PagerMeter.Failed(pager);
        health.Note(owed.Id, answer);
        return answer;
    }

    private async Task SentAsync(Course course, PagerAnswer answer, CancellationToken cancel)
    {
        var now = options.Time.GetUtcNow();
        PagerMeter.Sent(pager, now - course.Page.DecidedAt);
        await outcomes.WriteForSureAsync(new(course.Page.Id, pager, PageState.Sent, now, course.Attempts, answer.Line), cancel);
    }

    private bool IsWorthAnother(PagerAnswer? answer, Course course) =>
        answer is { Verdict: PagerVerdict.TryAgain }
        && options.Time.GetUtcNow() < (course.Page.Since ?? course.Page.DecidedAt) + options.GiveUp;

    /// <summary>What the pager asked for, between the first retry's delay and an hour; null leaves it to the back-off.</summary>
    private TimeSpan? AskedDelay(PagerAnswer? answer) => answer?.RetryAfter switch
    {
        null => null,
        { } asked when asked < options.FirstRetry => options.FirstRetry,
        { } asked when asked > options.LongestRetryAfter => options.LongestRetryAfter,
        { } asked => asked,
    };

    /// <summary>Recorded on the first failure, then at most once a minute: a pager down for a day is not 1,440 records a page.</summary>
    private async Task NoteFailingAsync(PagerAnswer answer, Course course)
    {
        var now = options.Time.GetUtcNow();
        if (course.NotedFailing is { } noted && now - noted < TimeSpan.FromMinutes(1)) return;
        course.NotedFailing = now;
        try
        {
            await outcomes.WriteAsync(new(course.Page.Id, pager, PageState.Failing, now, course.Attempts, answer.Line), CancellationToken.None);
        }
        catch (Exception e)
        {
            // The page goes on all the same: only what is shown of it is late.
            NotNoted(options.Logger, e, course.Page.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Page {Page} to {Pager} is undeliverable: {Answer}")]
    private static partial void GivenUp(ILogger logger, string page, string pager, string answer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "That page {Page} is failing could not be recorded")]
    private static partial void NotNoted(ILogger logger, Exception why, string page);
}
