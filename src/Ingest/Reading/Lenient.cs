using System.Globalization;

namespace Ingest.Reading;

/// <summary>Fields of a format that others own and extend as they like: what is of another kind than expected is as if it were absent.</summary>
internal static class Lenient
{
    /// <summary>Text, or a number as it is written; null where it is neither.</summary>
    public static string? Maybe(this Fields fields, string name)
    {
        if (fields[name].IsText) return fields.Text(name, out var text, out _) ? text : null;
        return fields.Number(name, out var number, out _) && number is { } value ? value.ToString(CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The fields of an object inside; none where it is no object.</summary>
    public static Fields In(this Fields fields, string name) => fields.Object(name, out var inner, out _) ? inner : inner;

    /// <summary>A time, as text or as seconds or milliseconds since 1970; null where it is neither.</summary>
    public static DateTimeOffset? When(this Fields fields, string name)
    {
        if (fields[name].IsText)
        {
            if (fields.Date(name, out var date, out _)) return date;
            // GitLab puts a space before the offset, or writes UTC.
            var text = fields.Maybe(name) is { } said && said.EndsWith(" UTC", StringComparison.Ordinal) ? said[..^4] + "Z" : fields.Maybe(name);
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var other) ? other : null;
        }
        if (!fields.Number(name, out var number, out _) || number is not (> 0 and < 4e12)) return null;
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(number < 1e11 ? number * 1000 : number));
    }
}
