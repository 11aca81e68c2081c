using Tideway.Components;

namespace Tideway.Tests.Components;

#pragma warning disable CS9113 // The parameters matter only by their types.
public class ComponentGraphTests
{
    private interface IStore;

    [Fact]
    public void A_component_comes_after_what_it_asks_for_and_else_in_the_order_of_the_list()
    {
        ComponentGraph graph = Resolve(
            new ComponentList().Append<Reader>().Append<DiskStore>().Append<NullStore>("spare").Append<Indexer>());

        Assert.Equal(["disk-store", "reader", "spare", "indexer"], graph.Nodes.Select(node => node.Name));
        Assert.Equal(["reader"], NodeOf(graph, "indexer").Dependencies.Select(node => node.Name));
        Assert.Equal(["indexer"], NodeOf(graph, "reader").Dependents.Select(node => node.Name));
    }

    [Fact]
    public void An_interface_is_resolved_to_the_only_component_that_implements_it()
    {
        ComponentGraph graph = Resolve(new ComponentList().Append<AnyReader>().Append<NullStore>());

        Assert.Equal(["null-store"], NodeOf(graph, "any-reader").Dependencies.Select(node => node.Name));
    }

    [Fact]
    public void A_name_picks_one_of_several_components_of_a_type()
    {
        ComponentGraph graph = Resolve(
            new ComponentList().Append<PickyReader>().Append<NullStore>().Append<NullStore>("spare"));

        Assert.Equal(["spare"], NodeOf(graph, "picky-reader").Dependencies.Select(node => node.Name));
    }

    [Fact]
    public void Several_components_of_a_type_are_ambiguous_without_a_name()
    {
        string problem = ProblemOf(new ComponentList().Append<AnyReader>().Append<NullStore>().Append<DiskStore>());

        Assert.Equal(
            $"Component 'any-reader' asks for a {typeof(IStore)} (parameter 'store'), " +
            "but there are 'null-store', 'disk-store'; pick one with [FromComponent(\"name\")].",
            problem);
    }

    [Fact]
    public void A_missing_type_is_a_problem_that_names_the_asker() =>
        Assert.Equal(
            $"Component 'reader' asks for a {typeof(DiskStore)} (parameter 'store'), " +
            "but the list of components has none.",
            ProblemOf(new ComponentList().Append<Reader>()));

    [Fact]
    public void A_missing_name_is_a_problem_with_the_nearest_name() =>
        Assert.Equal(
            $"Component 'picky-reader' asks for 'spare' of type {typeof(IStore)} (parameter 'store'), " +
            "but the list of components has no such name (did you mean 'spate'?).",
            ProblemOf(new ComponentList().Append<PickyReader>().Append<NullStore>("spate").Append<NullStore>("desk")));

    [Fact]
    public void A_component_that_is_switched_off_is_a_problem_for_those_who_need_it()
    {
        ComponentList list = new ComponentList().Append<Reader>().Append<DiskStore>();
        ComponentList byName = new ComponentList().Append<PickyReader>().Append<NullStore>("spare");

        Assert.EndsWith("but 'disk-store' has load-enabled: false.", ProblemOf(list, "disk-store"));
        Assert.EndsWith("but it has load-enabled: false.", ProblemOf(byName, "spare"));
    }

    [Fact]
    public void A_component_that_is_switched_off_is_absent_and_needs_nothing()
    {
        ComponentGraph graph = Resolve(
            new ComponentList().Append<Reader>().Append<NullStore>().Append<AllReader>(), "reader");

        Assert.Equal(["null-store", "all-reader"], graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void What_is_appended_as_optional_is_loaded_only_with_a_config_and_a_problem_for_those_who_need_it_else()
    {
        ComponentList list = new ComponentList().Append<Reader>().AppendOptional<DiskStore>();
        ComponentList byName = new ComponentList().Append<PickyReader>().AppendOptional<NullStore>("spare");
        ComponentList modest = new ComponentList().Append<ModestReader>().AppendOptional<DiskStore>();
        var configs = new Dictionary<string, ComponentConfig> { ["disk-store"] = new NoOptionsConfig() };

        Assert.EndsWith("but 'disk-store' has no section in the static config.", ProblemOf(list));
        Assert.EndsWith("but it has no section in the static config.", ProblemOf(byName));
        Assert.Equal(["modest-reader"], Resolve(modest).Nodes.Select(node => node.Name));
        Assert.Equal(["disk-store"], LinksOf(ComponentGraph.Resolve(list, configs), "reader"));
    }

    [Fact]
    public void The_wrong_type_under_a_name_is_a_problem_that_tells_the_real_type() =>
        Assert.Equal(
            $"Component 'picky-reader' asks for 'spare' of type {typeof(IStore)} (parameter 'store'), " +
            $"but the component of this name is {typeof(Lonely)}.",
            ProblemOf(new ComponentList().Append<PickyReader>().Append<Lonely>("spare")));

    [Fact]
    public void An_optional_component_is_linked_when_it_is_loaded_and_else_left_out()
    {
        ComponentList with = new ComponentList().Append<ModestReader>().Append<DiskStore>().Append<NullStore>("spare");
        var without = new ComponentList().Append<ModestReader>();

        Assert.Equal(["disk-store", "spare"], LinksOf(Resolve(with), "modest-reader"));
        Assert.Equal(["spare"], LinksOf(Resolve(with, "disk-store"), "modest-reader"));
        Assert.Empty(LinksOf(Resolve(without), "modest-reader"));
    }

    [Fact]
    public void An_optional_component_is_still_a_problem_when_it_is_ambiguous() =>
        Assert.Contains(
            "there are 'disk-store', 'other'; pick one",
            ProblemOf(new ComponentList().Append<ModestReader>().Append<DiskStore>().Append<DiskStore>("other")),
            StringComparison.Ordinal);

    [Fact]
    public void A_list_is_all_loaded_components_of_the_type_in_the_order_of_the_list()
    {
        ComponentList list = new ComponentList()
            .Append<NullStore>("z").Append<AllReader>().Append<DiskStore>("y").Append<Lonely>().Append<NullStore>("x");

        Assert.Equal(["z", "y", "x"], LinksOf(Resolve(list), "all-reader"));
        Assert.Equal(["z", "x"], LinksOf(Resolve(list, "y"), "all-reader"));
        Assert.Empty(LinksOf(Resolve(new ComponentList().Append<AllReader>()), "all-reader"));
    }

    [Fact]
    public void A_circle_is_a_problem_told_as_the_chain_of_names()
    {
        ComponentList list = new ComponentList().Append<Lonely>().Append<Head>().Append<Neck>().Append<Tail>();

        Assert.Equal("Components depend on each other in a circle: head -> neck -> tail -> head.", ProblemOf(list));
    }

    [Fact]
    public void A_component_that_asks_for_itself_is_a_circle() =>
        Assert.EndsWith("self -> self.", ProblemOf(new ComponentList().Append<Self>()));

    [Fact]
    public void All_problems_are_reported_together()
    {
        ComponentList list = new ComponentList()
            .Append<Reader>().Append<PickyReader>().Append<Self>().Append<Head>().Append<Neck>().Append<Tail>();

        var failure = Assert.Throws<ComponentGraphException>(() => Resolve(list));

        Assert.Collection(
            failure.Problems,
            problem => Assert.StartsWith("Component 'reader' asks", problem),
            problem => Assert.StartsWith("Component 'picky-reader' asks", problem),
            problem => Assert.EndsWith("self -> self.", problem),
            problem => Assert.EndsWith("head -> neck -> tail -> head.", problem));
        Assert.All(failure.Problems, problem => Assert.Contains(problem, failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_component_without_a_config_gets_the_defaults_if_there_are_any()
    {
        Assert.Equal(new GreedyConfig(7), NodeOf(Resolve(new ComponentList().Append<Greedy>()), "greedy").Config);
        Assert.Contains(
            "has no config",
            ProblemOf(new ComponentList().Append<Strict>()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_of_another_type_is_a_problem()
    {
        var configs = new Dictionary<string, ComponentConfig> { ["greedy"] = new StrictConfig(1) };

        var failure = Assert.Throws<ComponentGraphException>(
            () => ComponentGraph.Resolve(new ComponentList().Append<Greedy>(), configs));

        Assert.Equal(
            [$"Component 'greedy' takes {typeof(GreedyConfig)}, but its config is {typeof(StrictConfig)}."],
            failure.Problems);
    }

    private static ComponentGraph Resolve(ComponentList list, params string[] switchedOff) =>
        ComponentGraph.Resolve(
            list,
            switchedOff.ToDictionary(name => name, _ => (ComponentConfig)new NoOptionsConfig { LoadEnabled = false }));

    private static string ProblemOf(ComponentList list, params string[] switchedOff) =>
        Assert.Single(Assert.Throws<ComponentGraphException>(() => Resolve(list, switchedOff)).Problems);

    private static ComponentNode NodeOf(ComponentGraph graph, string name) => graph.Nodes.Single(n => n.Name == name);

    private static IEnumerable<string> LinksOf(ComponentGraph graph, string name) =>
        NodeOf(graph, name).Links.SelectMany(link => link).Select(node => node.Name);

    private sealed record GreedyConfig(int Hunger) : ComponentConfig
    {
        public GreedyConfig() : this(7)
        {
        }
    }

    private sealed record StrictConfig(int Required) : ComponentConfig;

    private sealed class DiskStore : INamedComponent, IStore
    {
        public static string ComponentName => "disk-store";
    }

    private sealed class NullStore : INamedComponent, IStore
    {
        public static string ComponentName => "null-store";
    }

    private sealed class Lonely : INamedComponent
    {
        public static string ComponentName => "lonely";
    }

    private sealed class Reader(DiskStore store) : INamedComponent
    {
        public static string ComponentName => "reader";
    }

    private sealed class Indexer(Reader reader) : INamedComponent
    {
        public static string ComponentName => "indexer";
    }

    private sealed class AnyReader(IStore store) : INamedComponent
    {
        public static string ComponentName => "any-reader";
    }

    private sealed class PickyReader([FromComponent("spare")] IStore store) : INamedComponent
    {
        public static string ComponentName => "picky-reader";
    }

    private sealed class ModestReader(DiskStore? store, [FromComponent("spare")] IStore? spare) : INamedComponent
    {
        public static string ComponentName => "modest-reader";
    }

    private sealed class AllReader(IReadOnlyList<IStore> stores) : INamedComponent
    {
        public static string ComponentName => "all-reader";
    }

    private sealed class Head(Neck neck) : INamedComponent
    {
        public static string ComponentName => "head";
    }

    private sealed class Neck(Tail tail) : INamedComponent
    {
        public static string ComponentName => "neck";
    }

    private sealed class Tail(Head head) : INamedComponent
    {
        public static string ComponentName => "tail";
    }

    private sealed class Self(Self self) : INamedComponent
    {
        public static string ComponentName => "self";
    }

    private sealed class Greedy(GreedyConfig config) : INamedComponent
    {
        public static string ComponentName => "greedy";
    }

    private sealed class Strict(StrictConfig config) : INamedComponent
    {
        public static string ComponentName => "strict";
    }
}
