using Ledgerline.Kernel;
using Ledgerline.Scenarios;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Plans;
using Xunit;

namespace Tests.Scenarios;

public sealed class BuiltInScenariosTests
{
    // Id, voice, temperature, as the contract has them.
    private const string Contract =
        """
        default alloy 0.7
        celebrity alloy 0.7
        comedian ash 0.8
        therapist coral 0.6
        storyteller alloy 0.7
        real_estate ash 0.7
        gameshow_host shimmer 0.9
        sister_emergency coral 0.8
        mother_emergency sage 0.6
        yacht_party shimmer 1.0
        instigator shimmer 1.0
        sales_pitch echo 0.7
        customer_service coral 0.6
        caring_partner alloy 0.7
        surprise_date_planner shimmer 1.0
        long_distance_love coral 0.6
        supportive_bestie coral 0.6
        encouraging_parent alloy 0.6
        caring_sibling echo 0.6
        motivational_coach shimmer 0.8
        wellness_checkin coral 0.6
        celebration_caller shimmer 0.9
        birthday_wishes shimmer 0.9
        gratitude_caller alloy 0.6
        fake_doctor coral 0.7
        fake_boss echo 0.6
        fake_tech_support echo 0.6
        fake_celebrity alloy 0.8
        fake_lottery_winner shimmer 0.9
        fake_restaurant_manager echo 0.6
        fake_dating_app_match alloy 0.8
        fake_old_friend verse 0.7
        fake_news_reporter coral 0.7
        fake_car_accident echo 0.6
        """;

    [Fact]
    public async Task There_are_those_of_the_contract_and_each_can_be_called()
    {
        await using var world = await People.World();
        var (desk, jane) = (world.Services.GetRequiredService<ScenarioDesk>(), await Caller.Mobile(world));
        var lines = Contract.Split('\n');
        Assert.Equal(34, lines.Length);
        foreach (var line in lines)
        {
            var id = line.Split(' ')[0];
            var found = (await desk.Find(jane.Id, id)).Scenario!;
            Assert.Equal(line, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{id} {found.Voice} {found.Temperature:0.0}"));
            Assert.Equal((id, (AccountId?)null, (long?)null), (found.Id, found.Owner, found.RowId));
            Assert.Equal(found, await desk.Read(id));
        }
    }

    [Fact]
    public void Each_is_a_text_of_its_own()
    {
        var all = AllBuiltIns.List;
        Assert.Equal(34, all.Select(one => one.Id).Distinct().Count());
        Assert.Equal(34, all.Select(one => one.Persona).Distinct().Count());
        Assert.Equal(34, all.Select(one => one.Prompt).Distinct().Count());
        Assert.All(all, one =>
        {
            Assert.InRange(one.Persona.Length, 100, 5000);
            Assert.InRange(one.Prompt.Length, 300, 5000);
            Assert.DoesNotContain('\n', one.Persona + one.Prompt);
            Assert.DoesNotContain("  ", one.Persona + one.Prompt, StringComparison.Ordinal);
            Assert.StartsWith("You are ", one.Persona, StringComparison.Ordinal);
            Assert.True(one.Prompt[^1] is '.' or '?', one.Id);
            Assert.Contains(one.Voice, Voices.Raw);
        });
        // What frightens or promises is a play, and says so to whoever takes it for real.
        Assert.All(
            all.Where(one => one.Id.StartsWith("fake_", StringComparison.Ordinal) || one.Id.EndsWith("_emergency", StringComparison.Ordinal)),
            one => Assert.Contains("seriously asks whether this is real, leave your role at once", one.Prompt, StringComparison.Ordinal));
        Assert.All(["therapist", "wellness_checkin", "supportive_bestie"], id => Assert.Contains("local emergency number", all.Single(one => one.Id == id).Prompt, StringComparison.Ordinal));
        Assert.Equal(["gameshow_host"], all.Where(one => one.TakesDtmf).Select(one => one.Id));
    }

    [Fact]
    public async Task One_that_is_switched_off_is_unknown_and_not_listed()
    {
        await using var world = await People.World("sqlite", ("DISABLED_SCENARIOS", " fake_doctor, therapist,"));
        var (desk, jane) = (world.Services.GetRequiredService<ScenarioDesk>(), await Caller.Mobile(world));
        foreach (var off in (string[])["fake_doctor", "therapist"])
        {
            Assert.Equal(new ScenarioFound(null, false), await desk.Find(jane.Id, off));
            Assert.Null(await desk.Read(off));
        }

        var listed = (await jane.Get("/mobile/scenarios")).GetProperty("scenarios").EnumerateArray().Select(one => one.Text("id")).ToList();
        Assert.Equal(13, listed.Count);
        Assert.DoesNotContain("therapist", listed);
        Assert.NotNull(await desk.Read("default"));
    }

    [Fact]
    public async Task Switching_off_what_does_not_exist_stops_the_start()
    {
        var failure = await Assert.ThrowsAsync<FormatException>(() => People.World("sqlite", ("DISABLED_SCENARIOS", "fake_docter")));
        Assert.Equal("DISABLED_SCENARIOS names fake_docter, which is none of the built-in scenarios.", failure.Message);
    }
}
