using Xunit;

namespace Tests.World;

/// <summary>Nothing else runs beside these: they look at what the whole process allocates, or how long it computes.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
