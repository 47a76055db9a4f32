using Xunit;

namespace Tests.House;

public sealed class ArrowsTests
{
    private static readonly IReadOnlySet<Arrow> All = Arrows.In(typeof(ArrowsTests).Assembly.Location);

    [Theory]
    [InlineData(nameof(NamesInBase), "Base")]
    [InlineData(nameof(NamesInBase), nameof(Argument))]
    [InlineData(nameof(NamesInProperty), nameof(Argument))]
    [InlineData(nameof(NamesInAttribute), nameof(MarkAttribute))]
    [InlineData(nameof(NamesInAttribute), nameof(Argument))]
    [InlineData(nameof(NamesInConstraint), nameof(Argument))]
    [InlineData(nameof(NamesInLambda), nameof(Argument))]
    [InlineData(nameof(NamesInAsync), nameof(Argument))]
    [InlineData(nameof(NamesInCatch), nameof(Failure))]
    public void EveryWayOfNamingIsSeen(string from, string to) => Assert.Contains(Sample(from, to), All);

    [Fact]
    public void WhatIsNotNamedIsNoArrow() => Assert.DoesNotContain(Sample(nameof(NamesInCatch), nameof(Argument)), All);

    private static Arrow Sample(string from, string to) => new($"Tests.House.{from}", $"Tests.House.{to}");
}

internal abstract class Base<T>
{
    public T? Value { get; set; }
}

internal sealed class Argument
{
    public static int Count { get; set; }
}

internal sealed class Failure : Exception;

[AttributeUsage(AttributeTargets.Class)]
internal sealed class MarkAttribute(Type type) : Attribute
{
    public Type Type => type;
}

internal sealed class NamesInBase : Base<Argument>;

internal sealed class NamesInProperty
{
    public List<Argument?[]> Some { get; } = [];
}

[Mark(typeof(List<Argument>))]
internal sealed class NamesInAttribute;

internal static class NamesInConstraint
{
    public static string Of<T>()
        where T : IEnumerable<Argument> => typeof(T).Name;
}

internal static class NamesInLambda
{
    public static Func<int> Count(int more) => () => Argument.Count + more;
}

internal static class NamesInAsync
{
    public static async Task<int> Count()
    {
        await Task.Yield();
        return Argument.Count;
    }
}

internal static class NamesInCatch
{
    public static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Failure)
        {
            action();
        }
    }
}
