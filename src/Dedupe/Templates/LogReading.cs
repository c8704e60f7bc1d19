using Dedupe.Vocabulary;

namespace Dedupe.Templates;

/// <summary>Log lines as they come: which template each has, and which of them only go on with a stack trace.</summary>
internal sealed class LogReading
{
    public LogTemplates Templates { get; } = new();

    public OpenTraces Traces { get; } = new();

    /// <summary>The template of a line; learns from it.</summary>
    /// <param name="goesOn">It is part of what came before and no observation of its own.</param>
    public LogTemplate Read(string service, Alert line, long now, out bool goesOn)
    {
        var trace = Traces.Of(service, line.TrainsOnly, now);
        var part = trace.Reader.Read(line.LogMessage);
        goesOn = part is TracePart.Frame or TracePart.Opening;
        if (part == TracePart.Frame && trace.Template is not null) return trace.Template;
        var template = Templates.Learn(service, line.LogMessage, out var isNew);
        if (part == TracePart.Fault && trace.Template is { } head && (Of(template) == Of(head) || (isNew && trace.IsNew)))
        {
            // The first trace with this message: the error that it says is not named beside it, now or later.
            if (isNew) template.SameAs = Of(head);
            goesOn = true;
            return head;
        }
        (trace.Template, trace.IsNew) = (Of(template), isNew && part != TracePart.Opening);
        return Of(template);
    }

    /// <summary>The service does not tell lines apart any more.</summary>
    public void OfOneService()
    {
        Templates.OfOneService();
        Traces.Clear();
    }

    private static LogTemplate Of(LogTemplate template) => template.SameAs ?? template;
}
