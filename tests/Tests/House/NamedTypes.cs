using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Text.RegularExpressions;

namespace Tests.House;

/// <summary>Collects the assembly's own types that signatures and attributes name. What a signature is otherwise made of decodes to nothing.</summary>
internal sealed partial class NamedTypes : ISignatureTypeProvider<NamedTypes.Part, object?>, ICustomAttributeTypeProvider<NamedTypes.Part>
{
    private readonly MetadataReader _metadata;
    private readonly HashSet<string> _own;
    private readonly HashSet<string> _found = [];

    public NamedTypes(MetadataReader metadata)
    {
        _metadata = metadata;
        _own = [.. metadata.TypeDefinitions.Select(handle => Outermost(metadata, handle))];
    }

    /// <summary>All that matters of a part: whether an attribute's argument is a typeof.</summary>
    internal enum Part
    {
        Any,
        SystemType,
    }

    public void Add(TypeDefinitionHandle handle) => _found.Add(Outermost(_metadata, handle));

    /// <summary>The outermost types named since the last time.</summary>
    public IReadOnlyList<string> Take()
    {
        var found = _found.ToList();
        _found.Clear();
        return found;
    }

    public static string Outermost(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        if (type.GetDeclaringType() is { IsNil: false } outer)
        {
            return Outermost(metadata, outer);
        }

        var name = metadata.GetString(type.Name).Split('`')[0];
        return type.Namespace.IsNil ? name : $"{metadata.GetString(type.Namespace)}.{name}";
    }

    public Part GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        Add(handle);
        return Part.Any;
    }

    public Part GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    /// <summary>A typeof in an attribute is written as text: "Space.Outer+Inner`1[[Space.Argument]]".</summary>
    public Part GetTypeFromSerializedName(string name)
    {
        _found.UnionWith(TypeName().Matches(name).Select(match => match.Value).Where(_own.Contains));
        return Part.Any;
    }

    public Part GetSystemType() => Part.SystemType;
    public bool IsSystemType(Part type) => type == Part.SystemType;
    public PrimitiveTypeCode GetUnderlyingEnumType(Part type) => PrimitiveTypeCode.Int32;
    public Part GetPrimitiveType(PrimitiveTypeCode typeCode) => Part.Any;
    public Part GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        reader.GetString(reader.GetTypeReference(handle).Name) == nameof(Type) ? Part.SystemType : Part.Any;
    public Part GetSZArrayType(Part elementType) => Part.Any;
    public Part GetArrayType(Part elementType, ArrayShape shape) => Part.Any;
    public Part GetByReferenceType(Part elementType) => Part.Any;
    public Part GetGenericInstantiation(Part genericType, ImmutableArray<Part> typeArguments) => Part.Any;
    public Part GetPointerType(Part elementType) => Part.Any;
    public Part GetFunctionPointerType(MethodSignature<Part> signature) => Part.Any;
    public Part GetGenericMethodParameter(object? genericContext, int index) => Part.Any;
    public Part GetGenericTypeParameter(object? genericContext, int index) => Part.Any;
    public Part GetModifiedType(Part modifier, Part unmodifiedType, bool isRequired) => Part.Any;
    public Part GetPinnedType(Part elementType) => Part.Any;

    [GeneratedRegex(@"[\w.]+")]
    private static partial Regex TypeName();
}
