using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Tests.Specs;

/// <summary>Reads JSON as it stands: dates stay text, numbers stay exact.</summary>
internal static class SpecJson
{
    public static JToken Parse(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Decimal };
        var value = JToken.ReadFrom(reader, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
        return reader.Read() ? throw new JsonReaderException("more follows after the value") : value;
    }
}
