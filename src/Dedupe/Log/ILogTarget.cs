namespace Dedupe.Log;

/// <summary>A log that another one can be copied into, number for number, even where the other one's oldest days are gone.</summary>
/// <remarks>Every backend is one; what runs on a log needs only <see cref="ILog"/>.</remarks>
public interface ILogTarget : ILog
{
    /// <summary>
    /// Lets an empty scope begin behind a position, as if everything up to it had been there and was dropped: the next input follows
    /// <see cref="LogPosition.LastInput"/>, the next decision <see cref="LogPosition.LastDecision"/>. Where it began there already nothing happens.
    /// </summary>
    /// <exception cref="WrongNumberException">The scope holds something, or begins elsewhere.</exception>
    ValueTask BeginAsync(int scope, LogPosition position, CancellationToken cancel);

    /// <summary>Appends inputs as <see cref="ILog.AppendInputsAsync"/> does, but notes none of their keys: a copy brings those on their own.</summary>
    ValueTask CopyInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel);

    /// <summary>Appends keys, in the order in which <see cref="ILog.ReadKeysAsync"/> is to give them.</summary>
    ValueTask CopyKeysAsync(IReadOnlyList<KeyRecord> keys, CancellationToken cancel);
}
