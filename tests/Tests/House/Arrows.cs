using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Tests.House;

/// <summary>"Type A names type B", both by full name and both outermost, so that a lambda or a state machine speaks for the type it stands in.</summary>
internal readonly record struct Arrow(string From, string To);

/// <summary>Reads a compiled assembly: who names whom in signatures, fields, base types, attributes, generic arguments and method bodies.</summary>
internal sealed class Arrows
{
    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value & 0xFFFF, code => code.OperandType);

    private readonly MetadataReader _metadata;
    private readonly PEReader _assembly;
    private readonly NamedTypes _named;

    private Arrows(PEReader assembly)
    {
        _assembly = assembly;
        _metadata = assembly.GetMetadataReader();
        _named = new NamedTypes(_metadata);
    }

    /// <summary>Every arrow between two types of the assembly. A constant leaves no trace in its reader, so a constant is no arrow.</summary>
    public static IReadOnlySet<Arrow> In(string assemblyFile)
    {
        using var assembly = new PEReader(File.OpenRead(assemblyFile));
        return new Arrows(assembly).Read();
    }

    private HashSet<Arrow> Read()
    {
        var arrows = new HashSet<Arrow>();
        foreach (var handle in _metadata.TypeDefinitions)
        {
            NamedBy(_metadata.GetTypeDefinition(handle));
            var from = NamedTypes.Outermost(_metadata, handle);
            arrows.UnionWith(_named.Take().Where(to => to != from).Select(to => new Arrow(from, to)));
        }

        return arrows;
    }

    private void NamedBy(TypeDefinition type)
    {
        Name(type.BaseType);
        Each(type.GetInterfaceImplementations(), i => Name(_metadata.GetInterfaceImplementation(i).Interface));
        NameConstraints(type.GetGenericParameters());
        Attributes(type.GetCustomAttributes());
        Each(type.GetProperties(), p => Attributes(_metadata.GetPropertyDefinition(p).GetCustomAttributes()));
        Each(type.GetEvents(), e => Attributes(_metadata.GetEventDefinition(e).GetCustomAttributes()));
        foreach (var field in type.GetFields().Select(_metadata.GetFieldDefinition))
        {
            field.DecodeSignature(_named, null);
            Attributes(field.GetCustomAttributes());
        }

        foreach (var method in type.GetMethods().Select(_metadata.GetMethodDefinition))
        {
            method.DecodeSignature(_named, null);
            NameConstraints(method.GetGenericParameters());
            Attributes(method.GetCustomAttributes());
            Each(method.GetParameters(), p => Attributes(_metadata.GetParameter(p).GetCustomAttributes()));
            if (method.RelativeVirtualAddress != 0)
            {
                Body(_assembly.GetMethodBody(method.RelativeVirtualAddress));
            }
        }
    }

    private void NameConstraints(GenericParameterHandleCollection parameters) =>
        Each(parameters, p => Each(_metadata.GetGenericParameter(p).GetConstraints(), c => Name(_metadata.GetGenericParameterConstraint(c).Type)));

    private void Attributes(CustomAttributeHandleCollection attributes) => Each(attributes, handle =>
    {
        var attribute = _metadata.GetCustomAttribute(handle);
        Name(attribute.Constructor);
        attribute.DecodeValue(_named);
    });

    private void Body(MethodBodyBlock body)
    {
        if (!body.LocalSignature.IsNil)
        {
            _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_named, null);
        }

        foreach (var region in body.ExceptionRegions.Where(region => region.Kind == ExceptionRegionKind.Catch))
        {
            Name(region.CatchType);
        }

        for (var code = body.GetILReader(); code.RemainingBytes > 0;)
        {
            var first = code.ReadByte();
            Operand(ref code, Operands[first == 0xFE ? 0xFE00 | code.ReadByte() : first]);
        }
    }

    private void Operand(ref BlobReader code, OperandType operand)
    {
        switch (operand)
        {
            case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType or OperandType.InlineSig:
                Name(MetadataTokens.EntityHandle(code.ReadInt32()));
                break;
            case OperandType.InlineSwitch:
                var cases = code.ReadInt32();
                code.Offset += 4 * cases;
                break;
            default:
                code.Offset += operand switch
                {
                    OperandType.InlineNone => 0,
                    OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                    OperandType.InlineVar => 2,
                    OperandType.InlineI8 or OperandType.InlineR => 8,
                    _ => 4,
                };
                break;
        }
    }

    private void Name(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case var _ when handle.IsNil:
                break;
            case HandleKind.TypeDefinition:
                _named.Add((TypeDefinitionHandle)handle);
                break;
            case HandleKind.TypeSpecification:
                _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_named, null);
                break;
            case HandleKind.FieldDefinition:
                _named.Add(_metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MethodDefinition:
                _named.Add(_metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MethodSpecification:
                var generic = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                generic.DecodeSignature(_named, null);
                Name(generic.Method);
                break;
            case HandleKind.MemberReference:
                var member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                Name(member.Parent);
                if (member.GetKind() == MemberReferenceKind.Field)
                {
                    member.DecodeFieldSignature(_named, null);
                }
                else
                {
                    member.DecodeMethodSignature(_named, null);
                }

                break;
        }
    }

    private static void Each<T>(IEnumerable<T> items, Action<T> action)
    {
        foreach (var item in items)
        {
            action(item);
        }
    }
}
