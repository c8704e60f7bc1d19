using System.Globalization;
using Dedupe.Log;
using Pipeline.Hosting;

namespace Pipeline.Replaying;

/// <summary>One scope's inputs, at one of them.</summary>
internal sealed class ExportCursor : IAsyncDisposable
{
    private readonly ScopeRange range;
    private readonly IAsyncEnumerator<InputRecord> inputs;
    private bool more;

    private ExportCursor(ScopeRange range, IAsyncEnumerator<InputRecord> inputs) => (this.range, this.inputs) = (range, inputs);

    public string Name => range.Name;
    public InputRecord Current => inputs.Current;
    public bool Ended => !more || inputs.Current.Number > range.Last;

    /// <summary>The numbers before the current one are no longer there.</summary>
    public bool Skipped { get; private set; }

    public static async Task<ExportCursor> OpenAsync(ILog log, ScopeRange range, CancellationToken cancel)
    {
        var cursor = new ExportCursor(range, log.ReadInputsAsync(range.Scope, range.First, cancel).GetAsyncEnumerator(cancel));
        await cursor.MoveAsync();
        return cursor;
    }

    /// <summary>One input; null where retention took it.</summary>
    public static async Task<InputRecord?> FindAsync(ILog log, int scope, long number, CancellationToken cancel)
    {
        await foreach (var record in log.ReadInputsAsync(scope, number, cancel)) return record.Number == number ? record : null;
        return null;
    }

    public async ValueTask MoveAsync()
    {
        var next = more ? inputs.Current.Number + 1 : range.First;
        more = await inputs.MoveNextAsync();
        Skipped = more && inputs.Current.Number != next;
    }

    public ValueTask DisposeAsync() => inputs.DisposeAsync();
}

/// <summary>Which inputs could not be decided, in which scopes, and why.</summary>
internal sealed class SetAsides
{
    private readonly Dictionary<string, Dictionary<string, string>> byInput = new(StringComparer.Ordinal);

    public async Task AddAsync(ILog log, ScopeRange range, IReadOnlyDictionary<long, string> errors, CancellationToken cancel)
    {
        foreach (var (number, error) in errors)
        {
            if (await ExportCursor.FindAsync(log, range.Scope, number, cancel) is not { } input) continue;
            var key = Key(range.Name, input);
            if (!byInput.TryGetValue(key, out var scopes)) byInput[key] = scopes = new(StringComparer.Ordinal);
            scopes[range.Name] = error;
        }
    }

    public IReadOnlyDictionary<string, string>? Of(string scope, InputRecord input) =>
        byInput.Count == 0 ? null : byInput.GetValueOrDefault(Key(scope, input));

    /// <summary>A delivery has one id in every scope, and is written once for all of them.</summary>
    private static string Key(string scope, InputRecord input) =>
        input.Id.Length > 0 ? HandedOn.DeliveryOf(input.Id) : string.Create(CultureInfo.InvariantCulture, $"{scope}/{input.Number}");
}
