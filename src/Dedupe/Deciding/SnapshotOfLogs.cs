using Dedupe.Templates;

namespace Dedupe.Deciding;

/// <summary>The templates of log lines and the stack traces that are open, in the state's bytes.</summary>
internal static class SnapshotOfLogs
{
    /// <summary>No template, and the one for what has no room; others by their place.</summary>
    private const int None = 0, Rest = 1, First = 2;

    public static void Write(SnapshotWriter to, LogReading logs)
    {
        var all = logs.Templates.All;
        var places = new Dictionary<LogTemplate, int>(all.Count);
        for (var i = 0; i < all.Count; i++) places[all[i]] = i + First;
        SnapshotOfState.Write(to, all, (w, t) =>
        {
            w.Text(t.Service);
            w.Text(t.Name);
            w.Write7BitEncodedInt(Place(t.SameAs));
        });
        SnapshotOfState.Write(to, logs.Traces.All, (w, pair) =>
        {
            var ((service, trains), trace) = pair;
            w.Text(service);
            w.Write(trains);
            w.Write(trace.Reader.At);
            w.Write7BitEncodedInt(Place(trace.Template));
            w.Write(trace.IsNew);
            w.Write(trace.At);
        });

        int Place(LogTemplate? template) => template is null ? None : template == LogTemplates.Rest ? Rest : places[template];
    }

    public static void Read(SnapshotReader from, LogReading logs)
    {
        // Its template is older, and so read already.
        SnapshotOfState.Read(from, r => logs.Templates.Restore(r.Text()!, r.Text()!).SameAs = At(r.Read7BitEncodedInt()));
        SnapshotOfState.Read(from, r =>
        {
            var (service, trains) = (r.Text()!, r.ReadBoolean());
            var trace = new OpenTrace();
            trace.Reader.At = r.ReadByte();
            (trace.Template, trace.IsNew, trace.At) = (At(r.Read7BitEncodedInt()), r.ReadBoolean(), r.ReadInt64());
            logs.Traces.Restore(service, trains, trace);
        });

        LogTemplate? At(int place) => place switch { None => null, Rest => LogTemplates.Rest, _ => logs.Templates.All[place - First] };
    }
}
