using Xunit;

namespace Pipeline.Tests.Counterparts;

/// <summary>Bounded waiting on a condition, for what happens in another process.</summary>
internal static class Wait
{
    /// <summary>Long for a busy machine; what works takes far less.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks until there is something, and fails with <paramref name="instead"/> when there is nothing in time.</summary>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T?>> look, Func<string> instead) where T : class
    {
        var patience = Task.Delay(Patience, TestContext.Current.CancellationToken);
        while (true)
        {
            if (await look() is { } found) return found;
            if (patience.IsCompleted) Assert.Fail($"{what} did not happen within {Patience.TotalSeconds} s; {instead()}");
            await Task.Delay(Look, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a program answers over HTTP with success.</summary>
    public static Task ReadyAsync(HttpClient http, Uri url, Counterpart program) => ForAsync<string>($"{url} answering", async () =>
    {
        try
        {
            using var answer = await http.GetAsync(url);
            return answer.IsSuccessStatusCode ? "ready" : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }, () => program.Output);
}
