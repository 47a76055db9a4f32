using Ledgerline.Scenarios;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Mobile;

/// <summary><c>GET /mobile/scenarios</c>: what the phone app offers to call.</summary>
internal static class ShowScenarios
{
    public sealed record Category(string Id, string Name, string Description, string Icon);

    public sealed record VoiceConfig(string Voice, decimal Temperature);

    /// <param name="Featured">Shown first.</param>
    public sealed record Listed(
        string Id, string Name, string Description, string Icon, string Category, string Difficulty, bool Featured, bool IsFamilyFriendly, string RecommendedVoice,
        decimal VoiceTemperature, string Persona, string Prompt, VoiceConfig VoiceConfig);

    public sealed record Answer(IEnumerable<Listed> Scenarios, IReadOnlyList<Category> Categories);

    public static readonly IReadOnlyList<Category> Categories =
    [
        new("entertainment", "Entertainment", "Friendly conversations for fun", "🎭"),
        new("emergency_exit", "Emergency Exit", "Get out of awkward situations quickly", "🚨"),
        new("work_exit", "Work Emergency", "Professional excuses for work situations", "💼"),
        new("social_exit", "Social Escape", "Polite ways to exit social situations", "👥"),
        new("fun_interaction", "Fun Interactions", "Pure entertainment scenarios", "🎉"),
        new("social_interaction", "Social Connection", "Meet new people or reconnect", "🤝"),
    ];

    public static readonly Listed Sample = new(
        "default", "Friendly Chat", "A casual, friendly conversation", "💬", "entertainment", "easy", true, true, "alloy", 0.7m, "You are Robin, a warm, easy-going person.",
        "Have a casual, friendly chat.", new VoiceConfig("alloy", 0.7m));

    private static readonly Offer[] Offers =
    [
        new("default", "Friendly Chat", "A casual, friendly conversation", "💬", "entertainment", "easy") { IsFeatured = true },
        new("celebrity", "Celebrity Interview", "Chat with a virtual celebrity", "🌟", "entertainment", "easy") { IsFeatured = true },
        new("comedian", "Stand-up Comedian", "Funny jokes and comedy bits", "😂", "entertainment", "easy") { IsFeatured = true },
        new("therapist", "Life Coach", "Supportive and motivational conversation", "🧠", "entertainment", "easy") { IsFeatured = true },
        new("storyteller", "Storyteller", "Engaging stories and tales", "📚", "entertainment", "easy") { IsFeatured = true },
        new("fake_doctor", "Fake Doctor Call", "Emergency exit with medical urgency", "🏥", "emergency_exit", "easy"),
        new("fake_boss", "Fake Boss Call", "Work emergency for quick escape", "💼", "work_exit", "medium"),
        new("fake_tech_support", "Fake Tech Support", "Security breach emergency", "🔒", "emergency_exit", "medium"),
        new("fake_celebrity", "Celebrity Fan Call", "Chat with a famous person", "🌟", "fun_interaction", "hard"),
        new("fake_lottery_winner", "Lottery Winner", "You've won big!", "💰", "fun_interaction", "hard"),
        new("fake_restaurant_manager", "Restaurant Manager", "Special reservation confirmation", "🍴", "social_exit", "easy"),
        new("fake_dating_app_match", "Dating App Match", "Meet your new match", "💕", "social_interaction", "hard") { IsFamilyFriendly = false },
        new("fake_old_friend", "Old Friend", "Reconnect with someone from the past", "👥", "social_interaction", "medium"),
        new("fake_news_reporter", "News Reporter", "Interview opportunity", "📰", "social_interaction", "medium"),
        new("fake_car_accident", "Car Accident", "Minor accident drama", "🚗", "emergency_exit", "easy"),
    ];

    public static Ok<Answer> Handle(ScenarioDesk desk) => TypedResults.Ok(new Answer(Listing(desk), Categories));

    // What the operator switched off is not there.
    private static IEnumerable<Listed> Listing(ScenarioDesk desk) =>
        from offer in Offers
        let scenario = desk.BuiltIn(offer.Id)
        where scenario is not null
        select new Listed(
            offer.Id, offer.Name, offer.Description, offer.Icon, offer.Category, offer.Difficulty, offer.IsFeatured, offer.IsFamilyFriendly, scenario.Voice,
            scenario.Temperature, scenario.Persona, scenario.Prompt, new VoiceConfig(scenario.Voice, scenario.Temperature));

    private sealed record Offer(string Id, string Name, string Description, string Icon, string Category, string Difficulty)
    {
        public bool IsFeatured { get; init; }
        public bool IsFamilyFriendly { get; init; } = true;
    }
}
