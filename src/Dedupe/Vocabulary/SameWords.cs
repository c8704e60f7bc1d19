namespace Dedupe.Vocabulary;

/// <summary>One string for a text that comes again soon. Fixed size: a newcomer takes the place of another, so that texts that never repeat cost nothing.</summary>
internal sealed class SameWords
{
    private const int Slots = 256;
    private readonly string?[] texts = new string?[Slots];

    public string Share(string text)
    {
        ref var place = ref texts[(uint)text.GetHashCode(StringComparison.Ordinal) % Slots];
        return place == text ? place : place = text;
    }
}
