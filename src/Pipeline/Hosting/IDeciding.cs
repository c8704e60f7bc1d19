namespace Pipeline.Hosting;

/// <summary>How far deciding is, for who reads what was recorded together with what came of it.</summary>
public interface IDeciding
{
    /// <summary>Waits until what is recorded by now is decided and appended; false when 5 s did not do.</summary>
    ValueTask<bool> SettledAsync(CancellationToken cancel);
}
