using Dedupe.Vocabulary;

namespace Pipeline.Config;

/// <summary>Reads <c>pagers: [{name, type, url, secret, match, from}]</c>.</summary>
internal static class PagersReader
{
    private const int Most = 100;
    private const string Example = "{name: ops, type: webhook, url: https://example.org/hook}";

    /// <summary>Takes all and prints it: what there is where none is configured.</summary>
    public static readonly PagerSettings Default = new("default", PagerType.Log);

    public static IReadOnlyList<PagerSettings> Read(Value value)
    {
        if (value.Node is not Node.List list)
        {
            value.Problems.Add(value.Node.Line, $"{value.Path} is {value.Node.Kind}, not a list; write [{Example}]");
            return [];
        }
        if (list.Items.Count > Most) value.Problems.Add(list.Line, $"{value.Path} has more than {Most} pagers");
        var pagers = new List<PagerSettings>();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
            if (ReadOne(list.Items[i], $"{value.Path}[{i}]", value.Problems, names) is { } pager) pagers.Add(pager);
        return pagers;
    }

    private static PagerSettings? ReadOne(Node node, string path, Problems problems, Dictionary<string, int> names)
    {
        if (Fields.Of(node, path, problems, Example, "name", "type", "url", "secret", "match", "from") is not { } fields) return null;
        var name = Name(fields, names, "pager");
        var type = Type(fields);
        var url = fields["url", "https://example.org/hook"]?.Address();
        var secret = fields["secret", "\"${SECRET}\""] is { } given ? Secret(given, type) : null;
        var match = fields["match", "{team: x}"]?.Labels() is { Count: > 0 } labels ? LabelSet.From(labels) : null;
        var from = fields["from", "warning"]?.Word("info", "warning", "critical") switch
        {
            "info" => Severity.Info,
            "critical" => Severity.Critical,
            _ => Severity.Warning,
        };
        if (type is PagerType.Webhook or PagerType.Slack && fields["url", ""] is null)
            fields.Missing($"is a {Word(type.Value)} pager without url; add url: https://...");
        if (type is PagerType.PagerDuty && fields["secret", ""] is null)
            fields.Missing("is a pagerduty pager without secret; add secret: the integration's routing key");
        if (type is PagerType.Log && fields["url", ""] is not null)
            fields.Missing("is a log pager, which prints in the terminal and takes no url; take url out or write type: webhook");
        return name is null || type is null ? null : new(name, type.Value, url, secret, match, from);
    }

    /// <param name="what">Of what it is the name: its list has each once.</param>
    public static string? Name(Fields fields, Dictionary<string, int> names, string what)
    {
        if (fields["name", "ops"] is not { } value)
        {
            fields.Missing("has no name; add name: ops");
            return null;
        }
        if (value.Text(64) is not { } name) return null;
        if (!name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.'))
            return value.Say<string>(value.Node.Line, $"{value.Path} \"{name}\" is not a {what}'s name; use letters, digits, - _ .");
        if (names.TryAdd(name, value.Node.Line)) return name;
        return value.Say<string>(value.Node.Line, $"{value.Path} \"{name}\" is the name of the {what} on line {names[name]} too; give each its own");
    }

    private static PagerType? Type(Fields fields)
    {
        if (fields["type", "webhook"] is not { } value)
        {
            fields.Missing("has no type; add type: webhook, slack, pagerduty or log");
            return null;
        }
        return value.Word("webhook", "slack", "pagerduty", "log") switch
        {
            "webhook" => PagerType.Webhook,
            "slack" => PagerType.Slack,
            "pagerduty" => PagerType.PagerDuty,
            "log" => PagerType.Log,
            _ => null,
        };
    }

    /// <summary>Standard Webhooks: a secret that starts with whsec_ goes on in base64. No message shows a secret.</summary>
    private static string? Secret(Value value, PagerType? type)
    {
        if (value.Text() is not { } secret) return null;
        const string prefix = "whsec_";
        if (type != PagerType.Webhook || !secret.StartsWith(prefix, StringComparison.Ordinal)) return secret;
        return Convert.TryFromBase64String(secret[prefix.Length..], new byte[secret.Length], out var bytes) && bytes > 0
            ? secret
            : value.Say<string>(value.Node.Line, $"{value.Path} starts with whsec_ but goes on in no base64; copy it whole");
    }

    private static string Word(PagerType type) => type switch
    {
        PagerType.Webhook => "webhook",
        PagerType.Slack => "slack",
        PagerType.PagerDuty => "pagerduty",
        PagerType.Log => "log",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
