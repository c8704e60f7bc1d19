namespace Pipeline.Config;

/// <summary>A piece of YAML with the line it stands on.</summary>
internal abstract record Node(int Line)
{
    /// <param name="Text">The value, environment variables taken.</param>
    /// <param name="Written">The value as the file has it: what a message may show, since a variable may hold a secret.</param>
    public sealed record Scalar(int Line, string Text, string Written, bool Quoted) : Node(Line)
    {
        /// <summary>What it says could not be had, and that is named already: nothing more is to be said of it.</summary>
        public bool Unread { get; init; }

        /// <summary>Nothing there, or YAML's words for it.</summary>
        public bool IsNull => !Quoted && !Unread && Text is "" or "~" or "null";
    }

    public sealed record List(int Line, IReadOnlyList<Node> Items) : Node(Line);

    public sealed record Map(int Line, IReadOnlyList<Entry> Entries) : Node(Line)
    {
        /// <summary>The text stopped being YAML inside it, so a missing key may well be there.</summary>
        public bool BrokeOff { get; init; }
    }

    public sealed record Entry(int Line, string Name, Node Value);

    /// <summary>What it is, for "x is a list, not a ...".</summary>
    public string Kind => this switch
    {
        Scalar { IsNull: true } => "empty",
        Scalar => "a single value",
        List => "a list",
        Map => "a group of keys",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
