using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ledgerline.Scenarios;
using Tests.Identity;
using Tests.Plans;
using Xunit;

namespace Tests.Calls.CustomScenarios;

public sealed class ScenarioInputTests
{
    private const string AllVoices =
        "aggressive_male, warm_engaging_female, warm_engaging, gentle_supportive_female, gentle_supportive, elderly_female, professional_neutral_male, "
        + "professional_neutral, professional_british_male, professional_british, energetic_upbeat_female, energetic_upbeat, warm_male, concerned_female, "
        + "deep_authoritative, clear_optimistic, alloy, ash, ballad, coral, echo, sage, shimmer, verse";

    /// <summary>Field, JSON, whether it is refused as a value and not as a field.</summary>
    public static TheoryData<string, string> WrongFields() => new()
    {
        { "persona", "\"\"" },
        { "persona", "null" },
        { "persona", "\"123456789\"" },
        { "persona", JsonSerializer.Serialize(new string(' ', 20)) },
        { "persona", JsonSerializer.Serialize(new string('x', 5001)) },
        { "persona", "\"A persona with a \\u0000 in it\"" },
        { "persona", "\"A persona with a \\ud800 in it\"" },
        { "persona", "17" },
        { "prompt", "\"\"" },
        { "prompt", JsonSerializer.Serialize(new string('x', 5001)) },
        { "prompt", "\"A prompt with a \\u001b in it\"" },
        { "prompt", "[\"A prompt in a list\"]" },
        { "voice_type", "null" },
        { "voice_type", "{}" },
        { "temperature", "1.1" },
        { "temperature", "-0.1" },
        { "temperature", "1e400" },
        { "temperature", "\"NaN\"" },
        { "temperature", "NaN" },
        { "temperature", "\"hot\"" },
        { "name", JsonSerializer.Serialize(new string('x', 201)) },
        { "name", "\"two\\nlines\"" },
        { "name", "{}" },
    };

    [Theory, MemberData(nameof(WrongFields))]
    public async Task What_is_wrong_is_named_and_leaves_nothing(string field, string json)
    {
        await using var world = await People.World();
        var jane = await Caller.Business(world);
        var body = With(field, json);
        using var answer = await jane.Create(People.Raw(body, "application/json"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var said = await answer.Json();
        Assert.Equal("Validation error", said.Text("detail"));
        // What is no JSON at all has no fields, and half a character is found out before a field is known.
        if (json is not "NaN" && !json.Contains("ud800", StringComparison.Ordinal))
        {
            Assert.Equal($"body -> {field}", said.GetProperty("errors")[0].Text("field"));
        }

        Assert.Empty(await jane.Scenarios());
        var id = await jane.Write();
        var before = await jane.Get($"/custom-scenarios/{id}");
        // Null changes nothing; everything else that cannot be written cannot be written later.
        using var later = await jane.Send(HttpMethod.Put, $"/custom-scenarios/{id}", People.Raw($$"""{"{{field}}":{{json}}}""", "application/json"));
        Assert.Equal(json == "null" ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity, later.StatusCode);
        Assert.Equal(before.ToString(), (await jane.Get($"/custom-scenarios/{id}")).ToString());
    }

    [Fact]
    public async Task Every_voice_that_is_named_is_taken_and_no_other()
    {
        await using var world = await People.World();
        var jane = await Caller.Business(world);
        await world.Subscribe(jane, "enterprise_monthly");
        foreach (var voice in AllVoices.Split(", "))
        {
            var id = await jane.Write(Authors.Draft(voice));
            Assert.Equal(voice, (await jane.Get($"/custom-scenarios/{id}")).Text("voice_type"));
            Assert.Contains(Voices.Find(voice), Voices.Raw);
        }

        foreach (var wrong in (string[])["", "Alloy", "marin", "warm", "alloy ", "\u0000"])
        {
            Assert.Equal($"Voice type must be one of: {AllVoices}", await (await jane.Create(Authors.Draft(wrong))).Detail(HttpStatusCode.BadRequest));
        }

        var own = (await jane.Scenarios())[0].Text("scenario_id");
        Assert.Equal(
            $"Voice type must be one of: {AllVoices}",
            await (await jane.Send(HttpMethod.Put, $"/custom-scenarios/{own}", new { voice_type = "nobody" })).Detail(HttpStatusCode.BadRequest));
    }

    [Theory]
    [InlineData("aggressive_male", "ash")]
    [InlineData("concerned_female", "coral")]
    [InlineData("elderly_female", "sage")]
    [InlineData("professional_neutral", "echo")]
    [InlineData("professional_british_male", "ballad")]
    [InlineData("energetic_upbeat", "shimmer")]
    [InlineData("warm_engaging_female", "alloy")]
    [InlineData("warm_male", "verse")]
    [InlineData("verse", "verse")]
    [InlineData("nobody", null)]
    public void A_name_stands_for_a_voice(string name, string? voice) => Assert.Equal(voice, Voices.Find(name));

    [Fact]
    public async Task Lengths_are_counted_as_people_count_them_and_texts_come_back_as_they_went()
    {
        await using var world = await People.World();
        var jane = await Caller.Business(world);
        var (persona, prompt) = (string.Concat(Enumerable.Repeat("😀", 5000)), "First line.\n\tSecond “line”, with ' and \\ and %.");
        var id = await jane.Write(Authors.Draft("echo", persona, prompt));
        var own = await jane.Get($"/custom-scenarios/{id}");
        Assert.Equal((persona, prompt), (own.Text("persona"), own.Text("prompt")));
        using var longer = await jane.Create(Authors.Draft("echo", persona + "😀", prompt));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, longer.StatusCode);
        await jane.Write(Authors.Draft("echo", "😀😀😀😀😀😀😀😀😀😀", "1234567890"));
        using var shorter = await jane.Create(Authors.Draft("echo", "😀😀😀😀😀", "1234567890"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, shorter.StatusCode);
        using var huge = await jane.Create(Authors.Draft("echo", new string('x', 2_000_000), prompt));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.StatusCode);
    }

    private static string With(string field, string json)
    {
        var fields = new JsonObject { ["persona"] = Authors.Persona, ["prompt"] = Authors.Prompt, ["voice_type"] = "alloy" }
            .Where(other => other.Key != field).Select(other => $"\"{other.Key}\":{other.Value!.ToJsonString()}");
        return $"{{{string.Join(',', fields.Append($"\"{field}\":{json}"))}}}";
    }
}
