using Dedupe.Vocabulary;

namespace Dedupe.Templates;

/// <summary>Log lines as they come: which template each has, and which of them only go on with a stack trace.</summary>
internal sealed class LogReading
{
    public LogTemplates Templates { get; } = new();

    public OpenTraces Traces { get; } = new();

    /// <summary>The template of a line; learns from it.</summary>
    /// <param name="input">The number of the delivery that brought it.</param>
    /// <param name="goesOn">It is part of what came before and no observation of its own.</param>
    public LogTemplate Read(string service, Alert line, long now, long input, out bool goesOn)
    {
        var trace = Traces.Of(service, line.TrainsOnly, now);
        var part = trace.Reader.Read(line.LogMessage);
        goesOn = line.Continues || part is TracePart.Frame or TracePart.Opening;
        if ((line.Continues || part == TracePart.Frame) && trace.Template is not null) return trace.Template;
        var template = Templates.Learn(service, line.LogMessage, out var isNew);
        if (part == TracePart.Fault && trace.Template is { } head && (Of(template) == Of(head) || IsFirstOf(trace, isNew, input)))
        {
            // The first trace with this message: the error that it says is not named beside it, now or later.
            if (isNew) template.SameAs = Of(head);
            goesOn = true;
            return head;
        }
        (trace.Template, trace.IsNew, trace.Input) = (Of(template), isNew && part != TracePart.Opening, input);
        return Of(template);
    }

    /// <summary>The service does not tell lines apart any more.</summary>
    public void OfOneService()
    {
        Templates.OfOneService();
        Traces.Clear();
    }

    // Within one delivery we saw what follows: had it been a trace, it would be one line now.
    private static bool IsFirstOf(OpenTrace trace, bool isNew, long input) => isNew && trace.IsNew && trace.Input != input;

    private static LogTemplate Of(LogTemplate template) => template.SameAs ?? template;
}
