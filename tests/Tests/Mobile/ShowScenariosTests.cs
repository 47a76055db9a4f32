using System.Text.Json;
using Ledgerline.Scenarios;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Plans;
using Xunit;

namespace Tests.Mobile;

public sealed class ShowScenariosTests
{
    private const string Contract =
        """
        default | Friendly Chat | A casual, friendly conversation | 💬 | entertainment | easy
        celebrity | Celebrity Interview | Chat with a virtual celebrity | 🌟 | entertainment | easy
        comedian | Stand-up Comedian | Funny jokes and comedy bits | 😂 | entertainment | easy
        therapist | Life Coach | Supportive and motivational conversation | 🧠 | entertainment | easy
        storyteller | Storyteller | Engaging stories and tales | 📚 | entertainment | easy
        fake_doctor | Fake Doctor Call | Emergency exit with medical urgency | 🏥 | emergency_exit | easy
        fake_boss | Fake Boss Call | Work emergency for quick escape | 💼 | work_exit | medium
        fake_tech_support | Fake Tech Support | Security breach emergency | 🔒 | emergency_exit | medium
        fake_celebrity | Celebrity Fan Call | Chat with a famous person | 🌟 | fun_interaction | hard
        fake_lottery_winner | Lottery Winner | You've won big! | 💰 | fun_interaction | hard
        fake_restaurant_manager | Restaurant Manager | Special reservation confirmation | 🍴 | social_exit | easy
        fake_dating_app_match | Dating App Match | Meet your new match | 💕 | social_interaction | hard
        fake_old_friend | Old Friend | Reconnect with someone from the past | 👥 | social_interaction | medium
        fake_news_reporter | News Reporter | Interview opportunity | 📰 | social_interaction | medium
        fake_car_accident | Car Accident | Minor accident drama | 🚗 | emergency_exit | easy
        """;

    private const string Categories =
        """
        entertainment | Entertainment | Friendly conversations for fun | 🎭
        emergency_exit | Emergency Exit | Get out of awkward situations quickly | 🚨
        work_exit | Work Emergency | Professional excuses for work situations | 💼
        social_exit | Social Escape | Polite ways to exit social situations | 👥
        fun_interaction | Fun Interactions | Pure entertainment scenarios | 🎉
        social_interaction | Social Connection | Meet new people or reconnect | 🤝
        """;

    [Fact]
    public async Task The_app_is_offered_what_the_contract_lists_signed_in_or_not()
    {
        await using var world = await People.World();
        using var anonymous = await world.Client.GetAsync("/mobile/scenarios/");
        var answer = await anonymous.Json();
        Assert.Equal(answer.ToString(), (await (await Caller.Mobile(world)).Get("/mobile/scenarios")).ToString());

        var listed = answer.GetProperty("scenarios").EnumerateArray().ToList();
        Assert.Equal(Contract.Split('\n'), listed.Select(one => Line(one, "id", "name", "description", "icon", "category", "difficulty")));
        Assert.Equal(Categories.Split('\n'), answer.GetProperty("categories").EnumerateArray().Select(one => Line(one, "id", "name", "description", "icon")));
        Assert.Equal([.. Enumerable.Repeat(true, 5), .. Enumerable.Repeat(false, 10)], listed.Select(one => one.GetProperty("featured").GetBoolean()));
        var desk = world.Services.GetRequiredService<ScenarioDesk>();
        foreach (var one in listed)
        {
            var played = desk.BuiltIn(one.Text("id")!)!;
            Assert.Equal((played.Persona, played.Prompt, played.Voice, played.Temperature), (one.Text("persona"), one.Text("prompt"), one.Text("recommended_voice"), one.GetProperty("voice_temperature").GetDecimal()));
            var voice = one.GetProperty("voice_config");
            Assert.Equal((played.Voice, played.Temperature), (voice.Text("voice"), voice.GetProperty("temperature").GetDecimal()));
            Assert.Contains(one.GetProperty("is_family_friendly").ValueKind, new[] { JsonValueKind.True, JsonValueKind.False });
            Assert.Equal(13, one.EnumerateObject().Count());
        }
    }

    private static string Line(JsonElement one, params string[] fields) => string.Join(" | ", fields.Select(field => one.Text(field)));
}
