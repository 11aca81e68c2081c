using System.Reflection;

namespace Tideway.Components;

/// <summary>The public constructor of a component's class, and what its parameters ask for.</summary>
internal sealed class ComponentConstructor
{
    private readonly ConstructorInfo _constructor;

    private ComponentConstructor(ConstructorInfo constructor, Type componentType)
    {
        _constructor = constructor;
        ComponentType = componentType;
        Parameters = [.. constructor.GetParameters().Select(parameter => ParameterOf(parameter, componentType))];
        ConfigType = ConfigTypeOf(Parameters, componentType);
    }

    public Type ComponentType { get; }

    public Type ConfigType { get; }

    public IReadOnlyList<ComponentParameter> Parameters { get; }

    /// <summary>Reads the constructor of a class.</summary>
    /// <exception cref="ArgumentException">The class is not one that can be a component.</exception>
    public static ComponentConstructor Of(Type componentType)
    {
        if (componentType.IsAbstract)
            throw new ArgumentException($"{componentType} cannot be a component: it is abstract.");
        if (componentType.GetConstructors() is not [ConstructorInfo constructor])
            throw new ArgumentException($"{componentType} cannot be a component: it needs one public constructor.");
        return new ComponentConstructor(constructor, componentType);
    }

    /// <summary>Calls the constructor; what it throws comes out as it is.</summary>
    public object Invoke(object?[] arguments) =>
        _constructor.Invoke(BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);

    private static ComponentParameter ParameterOf(ParameterInfo parameter, Type componentType) =>
        ComponentParameter.Of(parameter) ?? throw new ArgumentException(
            $"{componentType} cannot be a component: nothing can be passed for its parameter '{parameter.Name}'. " +
            $"A component asks for its config, {nameof(ComponentContext)}, ILogger, TimeProvider, other " +
            $"components or an IReadOnlyList of them, not for {parameter.ParameterType}.");

    private static Type ConfigTypeOf(IReadOnlyList<ComponentParameter> parameters, Type componentType)
    {
        Type[] types = [.. parameters.Where(p => p.Kind is ComponentParameterKind.Config).Select(p => p.Type)];
        return types switch
        {
            [] => typeof(NoOptionsConfig),
            [{ IsAbstract: false } type] => type,
            [Type type] => throw new ArgumentException(
                $"{componentType} cannot be a component: the config it takes, {type}, is abstract."),
            _ => throw new ArgumentException(
                $"{componentType} cannot be a component: its constructor takes more than one config."),
        };
    }
}
