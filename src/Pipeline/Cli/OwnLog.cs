using Dedupe.Log;
using Pipeline.Api;
using Pipeline.Client;
using Pipeline.Replaying;

namespace Pipeline.Cli;

/// <summary>This installation's own log, for commands that only read it: where it lies, or through the server that has it open.</summary>
internal sealed class OwnLog : IAsyncDisposable
{
    private readonly ILog? log;
    private readonly string? scopeLabel;
    private readonly PipelineClient? server;

    public OwnLog(ILog log, string? scopeLabel) => (this.log, this.scopeLabel) = (log, scopeLabel);

    public OwnLog(PipelineClient server) => this.server = server;

    /// <summary>Writes what was recorded, with a progress bar.</summary>
    public async Task ExportAsync(DateTimeOffset? from, DateTimeOffset? to, Stream output, CancellationToken cancel)
    {
        if (server is not null)
        {
            await CopyAsync("exporting", from, to, withPaged: false, output, cancel);
            return;
        }
        var export = await LogExport.OpenAsync(log!, from, to, scopeLabel, withPaged: false, cancel);
        await using var input = export.Open();
        await ProgressBar.ShowAsync("exporting", export.Inputs, progress => PassAsync(input, output, progress, cancel));
    }

    /// <summary>Everything up to a time, as a replay reads it: what comes before the time that is asked about is history.</summary>
    public async Task<ReplayInputs> AsInputsAsync(DateTimeOffset? to, CancellationToken cancel)
    {
        if (server is null) return ReplayInputs.Of(await LogExport.OpenAsync(log!, null, to, scopeLabel, withPaged: true, cancel));
        // Kept meanwhile: a comparison reads it twice, and the server goes on recording in between.
        var path = Path.GetTempFileName();
        try
        {
            await using (var file = File.Create(path)) await CopyAsync("fetching the log", null, to, withPaged: true, file, cancel);
            return ReplayInputs.OfTemporary(path, "the log");
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        server?.Dispose();
        if (log is not null) await log.DisposeAsync();
    }

    private async Task CopyAsync(string title, DateTimeOffset? from, DateTimeOffset? to, bool withPaged, Stream output, CancellationToken cancel)
    {
        var query = string.Concat(Part("from", from), Part("to", to), withPaged ? "&paged=true" : "");
        using var answer = await server!.OpenAsync("api/export" + (query.Length > 0 ? "?" + query[1..] : ""), cancel);
        // Another release's server may not say how much there is.
        var inputs = answer.Headers.TryGetValues(ExportRoute.InputsHeader, out var values) && long.TryParse(values.First(), out var count) ? count : 0;
        await using var body = new LineCounting(await answer.Content.ReadAsStreamAsync(cancel));
        await ProgressBar.ShowAsync(title, inputs, progress => PassAsync(body, output, progress, cancel));

        static string Part(string name, DateTimeOffset? time) => time is { } given ? $"&{name}={Uri.EscapeDataString(Times.Write(given))}" : "";
    }

    private static async Task<long> PassAsync(LineCounting from, Stream to, Action<long>? progress, CancellationToken cancel)
    {
        var buffer = new byte[128 * 1024];
        for (int read; (read = await ReadAsync(from, buffer, cancel)) > 0;)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            progress?.Invoke(from.Lines);
        }
        await to.FlushAsync(cancel);
        return from.Lines;
    }

    private static async ValueTask<int> ReadAsync(LineCounting from, byte[] buffer, CancellationToken cancel)
    {
        try
        {
            return await from.ReadAsync(buffer, cancel);
        }
        catch (IOException e)
        {
            throw new IOException($"reading the log broke off after {from.Lines} lines ({e.Message}); what was written is not whole: do it again", e);
        }
    }
}
