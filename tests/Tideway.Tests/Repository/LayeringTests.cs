using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Tideway.Tests.Repository;

/// <summary>Holds the picture of who may use whom: imports go down only.
/// A change here is a decision to record.</summary>
public sealed class LayeringTests
{
    /// <summary>Each layer, and the layers of its own product that it may use.</summary>
    private static readonly Dictionary<string, string[]> _mayUse = new()
    {
        ["Tideway.WebSockets.Compression"] = [],
        ["Tideway.WebSockets.Framing"] = ["Tideway.WebSockets.Compression"],
        ["Tideway.WebSockets.Handshake"] = [],
        ["Tideway.WebSockets.Engine"] = [],
        ["Tideway.WebSockets.Connections"] =
        [
            "Tideway.WebSockets.Framing", "Tideway.WebSockets.Compression", "Tideway.WebSockets.Handshake",
            "Tideway.WebSockets.Engine",
        ],
        ["Tideway.WebSockets.Client"] =
        [
            "Tideway.WebSockets.Connections", "Tideway.WebSockets.Framing", "Tideway.WebSockets.Handshake",
            "Tideway.WebSockets.Engine",
        ],
        ["Tideway.AspNetCore.Transport"] = ["Tideway.WebSockets.Engine"],
        ["Tideway.AspNetCore.Upgrade"] =
        [
            "Tideway.AspNetCore.Transport", "Tideway.WebSockets.Connections", "Tideway.WebSockets.Engine",
            "Tideway.WebSockets.Framing", "Tideway.WebSockets.Handshake",
        ],
        ["Tideway.AspNetCore.Endpoints"] = ["Tideway.AspNetCore.Upgrade", "Tideway.WebSockets.Connections"],
        ["Tideway.Configuration"] = [],
        ["Tideway.Components"] = ["Tideway.Configuration"],
        ["Tideway.Compatibility"] = ["Tideway.Components", "Tideway.Configuration"],
        ["Tideway.Testsuite"] = ["Tideway.Components", "Tideway.Configuration"],
        ["Tideway.DynamicConfig"] = ["Tideway.Components", "Tideway.Configuration", "Tideway.Testsuite"],
        ["Tideway.Observability"] = ["Tideway.Components", "Tideway.Configuration", "Tideway.DynamicConfig"],
        ["Tideway.Server"] =
        [
            "Tideway.Compatibility", "Tideway.Components", "Tideway.Configuration", "Tideway.DynamicConfig",
            "Tideway.Observability", "Tideway.Testsuite", "Tideway.AspNetCore.Transport", "Tideway.AspNetCore.Upgrade",
            "Tideway.WebSockets.Connections", "Tideway.WebSockets.Engine", "Tideway.WebSockets.Framing",
        ],

        // The wire is not the product's: it would not see its mistakes. It shares with it the names of the two roles.
        ["Tideway.Testing.Wire"] = ["Tideway.WebSockets.Framing"],
        ["Tideway.Testing.Lifetime"] = [],
        ["Tideway.Testing.Mocks"] = ["Tideway.Testing.Lifetime"],
        ["Tideway.Testing.Hosting"] =
            ["Tideway.Testing.Mocks", "Tideway.Server", "Tideway.Components", "Tideway.Configuration"],
        ["Tideway.Testing.Control"] = ["Tideway.Testing.Hosting", "Tideway.Testing.Mocks", "Tideway.DynamicConfig"],
        ["Tideway.Testing.Logs"] = ["Tideway.Testing.Control"],
        ["Tideway.Testing.Metrics"] = ["Tideway.Testing.Hosting"],
        ["Tideway.Testing.Testpoints"] =
            ["Tideway.Testing.Control", "Tideway.Testing.Lifetime", "Tideway.Testing.Mocks"],
        ["Tideway.Testing.WebSockets"] =
        [
            "Tideway.Testing.Hosting", "Tideway.Testing.Lifetime", "Tideway.Testing.Wire",
            "Tideway.WebSockets.Framing",
        ],
        ["Tideway.Testing.Chaos"] =
            ["Tideway.Testing.Hosting", "Tideway.Testing.Lifetime", "Tideway.Testing.WebSockets"],
        ["Tideway.Testing"] =
        [
            "Tideway.Testing.Chaos", "Tideway.Testing.Control", "Tideway.Testing.Hosting", "Tideway.Testing.Lifetime",
            "Tideway.Testing.Logs", "Tideway.Testing.Metrics", "Tideway.Testing.Mocks", "Tideway.Testing.Testpoints",
            "Tideway.Testing.WebSockets", "Tideway.Server", "Tideway.Components",
        ],
    };

    [Theory]
    [InlineData("Tideway.WebSockets")]
    [InlineData("Tideway.AspNetCore")]
    [InlineData("Tideway")]
    [InlineData("Tideway.Testing")]
    public void A_layer_uses_only_what_is_drawn_below_it(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));
        MetadataReader metadata = file.GetMetadataReader();
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            string user = NamespaceOf(metadata, handle);
            if (!user.StartsWith("Tideway", StringComparison.Ordinal)) continue;
            if (!_mayUse.ContainsKey(user)) wrong.Add($"{user} is not in the picture");
            wrong.UnionWith(UsedBy(file, metadata, handle)
                .Where(used => used.StartsWith("Tideway", StringComparison.Ordinal) && used != user)
                .Where(used => !_mayUse.GetValueOrDefault(user, []).Contains(used))
                .Select(used => $"{user} uses {used}"));
        }

        Assert.Empty(wrong);
    }

    /// <summary>Lists the namespaces that a type names in its bases,
    /// and in the signatures and locals of its members.</summary>
    private static HashSet<string> UsedBy(PEReader file, MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var names = new NamespaceCollector();
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        names.Add(metadata, type.BaseType);
        foreach (InterfaceImplementationHandle used in type.GetInterfaceImplementations())
            names.Add(metadata, metadata.GetInterfaceImplementation(used).Interface);
        foreach (FieldDefinitionHandle field in type.GetFields())
            metadata.GetFieldDefinition(field).DecodeSignature(names, null);
        foreach (MethodDefinitionHandle handleOfMethod in type.GetMethods())
        {
            MethodDefinition method = metadata.GetMethodDefinition(handleOfMethod);
            method.DecodeSignature(names, null);
            if (method.RelativeVirtualAddress == 0) continue;
            StandaloneSignatureHandle locals = file.GetMethodBody(method.RelativeVirtualAddress).LocalSignature;
            if (!locals.IsNil) metadata.GetStandaloneSignature(locals).DecodeLocalSignature(names, null);
        }

        return names.Found;
    }

    private static string NamespaceOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        while (type.IsNested) type = metadata.GetTypeDefinition(type.GetDeclaringType());
        return metadata.GetString(type.Namespace);
    }

    /// <summary>Decodes signatures into nothing but the namespaces that they name.</summary>
    private sealed class NamespaceCollector : ISignatureTypeProvider<object?, object?>
    {
        public HashSet<string> Found { get; } = [];

        public void Add(MetadataReader metadata, EntityHandle handle)
        {
            if (handle.IsNil) return;
            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    Found.Add(NamespaceOf(metadata, (TypeDefinitionHandle)handle));
                    break;
                case HandleKind.TypeReference:
                    TypeReference type = metadata.GetTypeReference((TypeReferenceHandle)handle);
                    if (type.ResolutionScope.Kind == HandleKind.TypeReference) Add(metadata, type.ResolutionScope);
                    else Found.Add(metadata.GetString(type.Namespace));
                    break;
                case HandleKind.TypeSpecification:
                    metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
            }
        }

        public object? GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            Add(reader, handle);
            return null;
        }

        public object? GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            Add(reader, handle);
            return null;
        }

        public object? GetTypeFromSpecification(
            MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        {
            Add(reader, handle);
            return null;
        }

        public object? GetArrayType(object? elementType, ArrayShape shape) => null;

        public object? GetByReferenceType(object? elementType) => null;

        public object? GetFunctionPointerType(MethodSignature<object?> signature) => null;

        public object? GetGenericInstantiation(object? genericType, ImmutableArray<object?> typeArguments) => null;

        public object? GetGenericMethodParameter(object? genericContext, int index) => null;

        public object? GetGenericTypeParameter(object? genericContext, int index) => null;

        public object? GetModifiedType(object? modifier, object? unmodifiedType, bool isRequired) => null;

        public object? GetPinnedType(object? elementType) => null;

        public object? GetPointerType(object? elementType) => null;

        public object? GetPrimitiveType(PrimitiveTypeCode typeCode) => null;

        public object? GetSZArrayType(object? elementType) => null;
    }
}
