using System.Globalization;
using Dedupe.Rules;

namespace Dedupe.Vocabulary;

/// <summary>Reads a source's labels: splits off what is volatile, maps the severity, hashes the rest.</summary>
public sealed class Identities(IdentityRules rules)
{
    /// <summary>Volatile labels that say how bad or how much, not who saw it.</summary>
    private static readonly HashSet<string> NotObservers = ["severity", "value"];

    private readonly HashSet<string> volatileLabels = [.. rules.Volatile];
    private readonly Dictionary<string, Severity> severities = Expand(rules.Severity);

    /// <summary>The identity in these labels.</summary>
    /// <param name="key">The source's own key where it has one (PagerDuty's dedup_key); then the labels are only shown.</param>
    public Identity Read(IEnumerable<KeyValuePair<string, string>> labels, LabelSet? key = null)
    {
        var kept = new List<KeyValuePair<string, string>>();
        List<string>? observers = null;
        var severity = Severity.Unknown;
        double? value = null;
        foreach (var label in labels)
        {
            if (!volatileLabels.Contains(label.Key))
            {
                kept.Add(label);
                if (label.Key != "severity") continue;
            }
            if (label.Key == "severity") severity = SeverityOf(label.Value);
            else if (label.Key == "value") value = NumberOf(label.Value);
            else if (!NotObservers.Contains(label.Key) && label.Value.Length > 0) (observers ??= []).Add(label.Value);
        }
        var shown = LabelSet.From(kept);
        return new(Fingerprint.Of(key ?? shown), shown, key ?? shown, observers ?? (IReadOnlyList<string>)[], severity, value);
    }

    /// <summary>The severity that a source's word stands for; absent or unheard of is unknown. Case does not matter.</summary>
    public Severity SeverityOf(string? word) =>
        word is not null && severities.TryGetValue(word.Trim(), out var severity) ? severity : Severity.Unknown;

    /// <summary>A severity field beats the label, also with a word that we do not know; one that is absent or blank says nothing.</summary>
    public Severity SeverityOf(string? field, Identity identity) =>
        string.IsNullOrWhiteSpace(field) ? identity.LabelSeverity : SeverityOf(field);

    private static double? NumberOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static Dictionary<string, Severity> Expand(SeverityWords words)
    {
        var map = new Dictionary<string, Severity>(StringComparer.OrdinalIgnoreCase) { ["ok"] = Severity.Ok, ["normal"] = Severity.Ok };
        foreach (var word in words.Critical) map[word] = Severity.Critical;
        foreach (var word in words.Warning) map[word] = Severity.Warning;
        foreach (var word in words.Info) map[word] = Severity.Info;
        return map;
    }
}
