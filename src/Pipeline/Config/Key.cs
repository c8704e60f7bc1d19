namespace Pipeline.Config;

/// <summary>One key of the configuration: its name, what it is without the file, what it means, and how it is read.</summary>
/// <param name="Name">The whole dotted name, as the documentation and messages have it.</param>
/// <param name="Default">As one would write it; <c>none</c> where there is nothing to write.</param>
internal sealed record Key(string Name, string Default, string Meaning, Action<Draft, Value> Read)
{
    /// <summary>What a message proposes to write; the default, where that can be written.</summary>
    public string Example { get; init; } = Default;

    public static Key Duration(string name, string preset, string meaning, string least, string most, Func<Settings, TimeSpan, Settings> set) =>
        Of(name, preset, meaning, v => v.Duration(Span(least), Span(most)), (s, d) => set(s, d!.Value));

    public static Key Count(string name, string preset, string meaning, int least, int most, Func<Settings, int, Settings> set) =>
        Of(name, preset, meaning, v => v.Count(least, most), (s, n) => set(s, n!.Value));

    public static Key Size(string name, string preset, string meaning, long least, long most, Func<Settings, long, Settings> set) =>
        Of(name, preset, meaning, v => v.Size(least, most), (s, n) => set(s, n!.Value));

    public static Key Words(string name, string preset, string meaning, Func<Settings, IReadOnlyList<string>, Settings> set) =>
        Of(name, preset, meaning, v => v.List(item => item.Text(256)), set!);

    public static Key LabelNames(string name, string preset, string meaning, Func<Settings, IReadOnlyList<string>, Settings> set) =>
        Of(name, preset, meaning, v => v.List(item => item.LabelName()), set!);

    public static Key Tokens(string name, string meaning, Func<Settings, IReadOnlyList<string>, Settings> set) =>
        Of(name, "[]", meaning, v => v.List(item => item.Token()), set!) with { Example = "[\"${TOKEN}\"]" };

    /// <summary>A key whose value is set when it can be read.</summary>
    public static Key Of<T>(string name, string preset, string meaning, Func<Value, T?> read, Func<Settings, T?, Settings> set) =>
        new(name, preset, meaning, (draft, value) =>
        {
            if (read(value) is { } good) draft.Settings = set(draft.Settings, good);
        });

    private static TimeSpan Span(string text) => Durations.TryParse(text, out var span) ? span : throw new ArgumentException(text);
}
