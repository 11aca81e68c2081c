using Tideway.Components;

namespace Tideway.Tests.Components;

public class ComponentListTests
{
    [Fact]
    public void Components_are_listed_in_the_order_in_which_they_were_appended()
    {
        ComponentList list = new ComponentList()
            .Append<Storage>()
            .AppendRange(new ComponentList().Append<Cache>().Append<Cache>("second-cache"))
            .Append<Storage>("second-storage");

        Assert.Equal(["storage", "cache", "second-cache", "second-storage"], list.Select(entry => entry.Name));
        Assert.Equal(4, list.Count);
    }

    [Fact]
    public void The_config_type_is_the_one_that_the_constructor_takes()
    {
        ComponentList list = new ComponentList().Append<Storage>().Append<Cache>();

        Assert.Equal([typeof(StorageConfig), typeof(NoOptionsConfig)], list.Select(entry => entry.ConfigType));
        Assert.Equal([typeof(Storage), typeof(Cache)], list.Select(entry => entry.ComponentType));
    }

    [Fact]
    public void A_duplicate_name_is_refused_at_once_with_both_types()
    {
        ComponentList list = new ComponentList().Append<Storage>("store");

        var refusal = Assert.Throws<ArgumentException>(() => list.Append<Cache>("store"));

        Assert.Contains("'store'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(typeof(Storage).ToString(), refusal.Message, StringComparison.Ordinal);
        Assert.Contains(typeof(Cache).ToString(), refusal.Message, StringComparison.Ordinal);
        Assert.Equal([typeof(Storage)], list.Select(entry => entry.ComponentType));
    }

    [Fact]
    public void A_duplicate_name_across_lists_is_refused()
    {
        ComponentList list = new ComponentList().Append<Storage>();

        Assert.Throws<ArgumentException>(() => list.AppendRange(new ComponentList().Append<Cache>().Append<Storage>()));
        Assert.Throws<ArgumentException>(() => list.AppendRange(list));
    }

    [Fact]
    public void What_is_appended_takes_the_place_of_what_is_optional_whichever_came_first()
    {
        ComponentList optional = new ComponentList().AppendOptional<Storage>("store").AppendOptional<Cache>();

        ComponentList before = new ComponentList().AppendRange(optional).Append<Cache>("store");
        Assert.Equal(["cache", "store"], before.Select(entry => entry.Name));
        Assert.Equal([true, false], before.Select(entry => entry.IsOptional));

        ComponentList after = new ComponentList().Append<Cache>("store").AppendRange(optional);
        Assert.Equal(["store", "cache"], after.Select(entry => entry.Name));
        Assert.Equal([typeof(Cache), typeof(Cache)], after.Select(entry => entry.ComponentType));

        Assert.Throws<ArgumentException>(() => optional.AppendOptional<Cache>("store"));
    }

    [Fact]
    public void An_empty_name_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ComponentList().Append<Storage>(" "));

    [Fact]
    public void A_class_that_cannot_be_constructed_is_refused_with_the_reason()
    {
        AssertRefused<AbstractComponent>("it is abstract");
        AssertRefused<TwoConstructors>("needs one public constructor");
        AssertRefused<NoConstructor>("needs one public constructor");
        AssertRefused<TakesNumber>("'answer'");
        AssertRefused<TakesText>("'text'");
        AssertRefused<TakesTwoConfigs>("more than one config");
        AssertRefused<TakesAbstractConfig>("is abstract");
    }

    private static void AssertRefused<T>(string reason) where T : class, INamedComponent
    {
        string message = Assert.Throws<ArgumentException>(() => new ComponentList().Append<T>()).Message;
        Assert.Contains(typeof(T).ToString(), message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    private sealed record StorageConfig : ComponentConfig;

    private sealed class Storage(StorageConfig config) : INamedComponent
    {
        public static string ComponentName => "storage";

        public StorageConfig Config { get; } = config;
    }

    private sealed class Cache : INamedComponent
    {
        public static string ComponentName => "cache";
    }

    private abstract class AbstractComponent : INamedComponent
    {
        public static string ComponentName => "abstract";
    }

    private sealed class NoConstructor : INamedComponent
    {
        private NoConstructor()
        {
        }

        public static string ComponentName => "no-constructor";
    }

#pragma warning disable CS9113 // The parameters matter only by their types.
    private sealed class TwoConstructors() : INamedComponent
    {
        public TwoConstructors(Cache cache) : this() => _ = cache;

        public static string ComponentName => "two-constructors";
    }

    private sealed class TakesNumber(int answer) : INamedComponent
    {
        public static string ComponentName => "takes-number";
    }

    private sealed class TakesText(string text) : INamedComponent
    {
        public static string ComponentName => "takes-text";
    }

    private sealed class TakesTwoConfigs(StorageConfig one, NoOptionsConfig two) : INamedComponent
    {
        public static string ComponentName => "takes-two-configs";
    }

    private sealed class TakesAbstractConfig(ComponentConfig config) : INamedComponent
    {
        public static string ComponentName => "takes-abstract-config";
    }
#pragma warning restore CS9113
}
