using System.Text;
using System.Text.Json;
using Ledgerline.Providers.Twilio;
using Ledgerline.Providers.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Tests.House;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>The signature by the published vectors, and what they do not say.</summary>
public sealed class TwilioSignatureTests
{
    private const string Socket = "wss://mycompany.com/media-stream";

    private static readonly JsonElement Vectors = JsonDocument.Parse(File.ReadAllText(Repository.Path("tests", "specs", "twilio-signatures.json"))).RootElement;

    [Fact]
    public void Every_published_vector_is_judged_as_published()
    {
        foreach (var vector in Vectors.GetProperty("cases").EnumerateArray())
        {
            var form = vector.GetProperty("params").EnumerateObject().Select(field => new KeyValuePair<string, string>(field.Name, field.Value.GetString()!));
            Assert.True(
                vector.GetProperty("ok").GetBoolean() == Of(vector.GetProperty("authToken").GetString()!).IsValid(
                    vector.GetProperty("url").GetString()!, form, vector.GetProperty("signature").GetString()!),
                vector.GetProperty("name").GetString());
        }
    }

    [Fact]
    public void A_body_is_vouched_for_by_its_hash_in_the_address()
    {
        foreach (var vector in Vectors.GetProperty("body_cases").EnumerateArray())
        {
            var (url, signature) = (vector.GetProperty("url").GetString()!, vector.GetProperty("signature").GetString()!);
            var body = Encoding.UTF8.GetBytes(vector.GetProperty("body").GetString()!);
            var signatures = Of(vector.GetProperty("authToken").GetString()!);
            Assert.True(signatures.IsValidBody(url, body, signature));
            Assert.False(signatures.IsValidBody(url, [.. body, 32], signature));
            Assert.False(signatures.IsValidBody("https://mycompany.com/myapp.php", body, signature));
        }
    }

    [Theory]
    [InlineData(Socket, "N2Y//FHA042H22oVtTOPT1X3yoU=", true)]
    [InlineData("wss://mycompany.com:443/media-stream", "N2Y//FHA042H22oVtTOPT1X3yoU=", true)]
    [InlineData("https://mycompany.com/media-stream", "N2Y//FHA042H22oVtTOPT1X3yoU=", false)]
    [InlineData("https://mycompany.com/media-stream", "Mq5qllSf+ykIJXjR6CcZ2h2USZ0=", true)]
    [InlineData(Socket, "n2y//fha042h22ovttopt1x3you=", false)]
    [InlineData(Socket, "", false)]
    [InlineData(Socket, "N2Y//FHA042H22oVtTOPT1X3yoU", false)]
    [InlineData("wss://[::1]/media-stream", "N2Y//FHA042H22oVtTOPT1X3yoU=", false)]
    [InlineData("wss:", "N2Y//FHA042H22oVtTOPT1X3yoU=", false)]
    [InlineData("wss://", "N2Y//FHA042H22oVtTOPT1X3yoU=", false)]
    [InlineData("", "N2Y//FHA042H22oVtTOPT1X3yoU=", false)]
    public void A_socket_is_signed_over_its_wss_address(string url, string signature, bool isGood) => Assert.Equal(isGood, Of("12345").IsValid(url, [], signature));

    [Fact]
    public void A_repeated_name_counts_once_for_each_value()
    {
        KeyValuePair<string, string>[] form = [new("A", "2"), new("A", "1"), new("A", "1")];
        Assert.True(Of("12345").IsValid("https://mycompany.com/x", form, "/vozF6BeA1eUAz2rpOPdoqMayvw="));
        Assert.False(Of("12345").IsValid("https://mycompany.com/x", [new("A", "1")], "/vozF6BeA1eUAz2rpOPdoqMayvw="));
        Assert.False(Of("12345").IsValid("https://mycompany.com/x", [.. form, new("B", "")], "/vozF6BeA1eUAz2rpOPdoqMayvw="));
    }

    [Fact]
    public void During_a_rotation_both_tokens_sign_and_without_one_nothing_does()
    {
        Assert.True(Of("new", "12345").IsValid(Socket, [], "N2Y//FHA042H22oVtTOPT1X3yoU="));
        Assert.False(Of("new", "old").IsValid(Socket, [], "N2Y//FHA042H22oVtTOPT1X3yoU="));
        var off = Of(null);
        Assert.True(off.IsOff);
        Assert.False(off.IsValid(Socket, [], "N2Y//FHA042H22oVtTOPT1X3yoU="));
    }

    private static TwilioSignature Of(string? token, string? previous = null) => new(TwilioOptions.Read(new ProviderSettings(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["TWILIO_ACCOUNT_SID"] = token is null ? null : "AC00000000000000000000000000000000",
            ["TWILIO_AUTH_TOKEN"] = token,
            ["TWILIO_AUTH_TOKEN_PREVIOUS"] = previous,
        }).Build(),
        new Production())));

    private sealed class Production : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";
        public string ApplicationName { get; set; } = "";
        public string ContentRootPath { get; set; } = "";
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
