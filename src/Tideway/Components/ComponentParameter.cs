using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Tideway.Components;

/// <summary>What one parameter of a component's constructor asks for.</summary>
/// <param name="Kind">Where the argument comes from.</param>
/// <param name="Name">The name of the parameter, for messages.</param>
/// <param name="Type">The type asked for; of a list, that of its items.</param>
/// <param name="ComponentName">The name of the component asked for, if the parameter gives one.</param>
/// <param name="IsOptional">Whether null is welcome in place of a component.</param>
internal sealed record ComponentParameter(
    ComponentParameterKind Kind, string Name, Type Type, string? ComponentName, bool IsOptional)
{
    /// <summary>Reads a parameter; null if nothing a component can be given has its type.</summary>
    public static ComponentParameter? Of(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        string? componentName = parameter.GetCustomAttribute<FromComponentAttribute>()?.Name;
        ComponentParameterKind? kind = componentName is null ? KindOf(type) : ComponentParameterKind.Component;
        if (kind is null)
            return null;
        if (kind is ComponentParameterKind.AllComponents)
            type = type.GetGenericArguments()[0];
        bool isOptional = new NullabilityInfoContext().Create(parameter).WriteState is NullabilityState.Nullable;
        return new ComponentParameter(kind.Value, parameter.Name ?? "", type, componentName, isOptional);
    }

    private static ComponentParameterKind? KindOf(Type type)
    {
        if (type.IsAssignableTo(typeof(ComponentConfig)))
            return ComponentParameterKind.Config;
        if (type == typeof(ComponentContext))
            return ComponentParameterKind.Context;
        if (type == typeof(TimeProvider))
            return ComponentParameterKind.TimeProvider;
        if (type == typeof(ILogger))
            return ComponentParameterKind.Logger;
        if (IsGeneric(type, typeof(ILogger<>)))
            return ComponentParameterKind.LoggerOfType;
        if (IsGeneric(type, typeof(IReadOnlyList<>)))
            return ComponentParameterKind.AllComponents;
        bool canBeComponent = (type.IsClass || type.IsInterface) && !type.IsArray && type != typeof(string);
        return canBeComponent ? ComponentParameterKind.Component : null;
    }

    private static bool IsGeneric(Type type, Type definition) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == definition;
}
