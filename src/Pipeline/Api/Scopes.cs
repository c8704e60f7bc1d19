using System.Globalization;
using Dedupe.Log;

namespace Pipeline.Api;

/// <summary>The scopes' names, as the log knows them: at most 64, and never renamed.</summary>
internal sealed class Scopes(ILog log)
{
    private volatile Dictionary<int, string> names = [];

    /// <summary>Looks for scopes that were made since; cheap enough to ask before every answer that names one.</summary>
    public async ValueTask LearnAsync(CancellationToken cancel) => names = new(await log.ScopesAsync(cancel));

    /// <summary>The name, or the number of one not learned yet.</summary>
    public string Name(int scope) => names.TryGetValue(scope, out var name) ? name : scope.ToString(CultureInfo.InvariantCulture);
}
