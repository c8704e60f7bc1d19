using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>Tests that start a broker, a database and half a dozen processes each: two of them at once would measure each other.</summary>
[CollectionDefinition(nameof(OneAtATime), DisableParallelization = true)]
public sealed class OneAtATime;
