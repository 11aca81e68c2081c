using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Finds the components that a constructor's parameter asks for, or says why there are none.</summary>
internal sealed class DependencyResolver(
    IReadOnlyList<ComponentNode> loaded,
    IReadOnlyList<ComponentRegistration> disabled,
    IReadOnlyList<ComponentRegistration> absent,
    List<string> problems)
{
    /// <summary>Finds what a parameter asks for; empty if that is no component, or none where none is needed.</summary>
    public IReadOnlyList<ComponentNode> Resolve(ComponentNode asker, ComponentParameter parameter) => parameter switch
    {
        { Kind: ComponentParameterKind.AllComponents } => [.. loaded.Where(node => node.Is(parameter.Type))],
        { Kind: not ComponentParameterKind.Component } => [],
        { ComponentName: { } name } => ByName(asker, parameter, name),
        _ => ByType(asker, parameter),
    };

    private IReadOnlyList<ComponentNode> ByName(ComponentNode asker, ComponentParameter parameter, string name)
    {
        if (loaded.FirstOrDefault(node => node.Name == name) is { } found)
        {
            if (found.Is(parameter.Type))
                return [found];
            return Problem(asker, parameter, $"the component of this name is {found.Constructor.ComponentType}");
        }

        if (parameter.IsOptional)
            return [];
        if (disabled.Any(component => component.Name == name))
            return Problem(asker, parameter, "it has load-enabled: false");
        if (absent.Any(component => component.Name == name))
            return Problem(asker, parameter, "it has no section in the static config");
        string? nearest = NearestName.Find(name, loaded.Select(node => node.Name));
        string hint = nearest is null ? "" : $" (did you mean '{nearest}'?)";
        return Problem(asker, parameter, $"the list of components has no such name{hint}");
    }

    private IReadOnlyList<ComponentNode> ByType(ComponentNode asker, ComponentParameter parameter)
    {
        ComponentNode[] found = [.. loaded.Where(node => node.Is(parameter.Type))];
        if (found is [_] || (found is [] && parameter.IsOptional))
            return found;
        if (found is not [])
            return Problem(
                asker,
                parameter,
                $"there are {Names(found.Select(node => node.Name))}; pick one with [FromComponent(\"name\")]");
        string[] switchedOff = [.. OfType(disabled, parameter.Type)];
        string[] withoutSection = [.. OfType(absent, parameter.Type)];
        return Problem(
            asker,
            parameter,
            switchedOff is not [] ? $"{Names(switchedOff)} has load-enabled: false"
            : withoutSection is not [] ? $"{Names(withoutSection)} has no section in the static config"
            : "the list of components has none");
    }

    private static IEnumerable<string> OfType(IReadOnlyList<ComponentRegistration> components, Type type) =>
        components.Where(component => component.ComponentType.IsAssignableTo(type)).Select(component => component.Name);

    private IReadOnlyList<ComponentNode> Problem(ComponentNode asker, ComponentParameter parameter, string reason)
    {
        string? name = parameter.ComponentName;
        string what = name is null ? $"a {parameter.Type}" : $"'{name}' of type {parameter.Type}";
        problems.Add($"Component '{asker.Name}' asks for {what} (parameter '{parameter.Name}'), but {reason}.");
        return [];
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
