namespace Pipeline.Hosting;

/// <summary>Takes a rejected part again, corrected or as it was, through the source's own parser and the same intake.</summary>
public interface IResubmit
{
    ValueTask<ResubmitAnswer> ResubmitAsync(string source, ReadOnlyMemory<byte> body, CancellationToken cancel);
}

/// <param name="Status">The HTTP status ingest would have given: 200, 400, 413, 429 or 503.</param>
/// <param name="Accepted">Alerts and changes taken.</param>
/// <param name="Field">Path of the field at fault, where it was refused.</param>
/// <param name="Problem">What was wrong and what to do, where it was refused.</param>
public sealed record ResubmitAnswer(int Status, int Accepted, string? Field = null, string? Problem = null);
