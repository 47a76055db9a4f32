using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>One call being carried out, from the API, the hosted page or the control room; the world's gate is held.</summary>
internal sealed class StripeCall(StripeWorld world, string origin)
{
    public StripeWorld World { get; } = world;

    /// <summary>The sandbox's own address as the caller wrote it.</summary>
    public string Origin { get; } = origin;

    public Params Params { get; init; } = Params.None;
    public RouteValueDictionary Route { get; init; } = [];

    /// <summary>Null when nobody called the API: the page, the control room, or time itself.</summary>
    public string? RequestId { get; init; }
    public string? IdempotencyKey { get; init; }
    public string Version { get; init; } = StripeApi.PinnedVersion;

    /// <summary>In Unix seconds; what time itself does happens when it was due.</summary>
    public long Now { get; init; } = world.Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>One that somebody makes now: what was due before is done before. Called inside the gate.</summary>
    public static StripeCall Begin(StripeWorld world, string origin)
    {
        world.Origin = origin;
        world.Agenda.CatchUp();
        return new StripeCall(world, origin);
    }

    /// <summary>A new object of this kind with its id and time, already part of the world.</summary>
    public JsonObject Create(string kind, string idPrefix, int idLength = 24)
    {
        var made = Skeletons.New(kind);
        made["id"] = Ids.New(idPrefix, idLength);
        if (made.ContainsKey("created"))
        {
            made["created"] = Now;
        }

        World.Add(made);
        return made;
    }

    /// <summary>The object that the address names.</summary>
    public JsonObject Addressed(string kind, string routeName, string? param = null)
    {
        var id = (string)Route[routeName]!;
        return World.Find(kind, id) ?? throw StripeError.Missing(StripeWorld.NameOf(kind), id, param ?? routeName);
    }

    /// <summary>The object that a parameter names; nothing when the parameter is missing.</summary>
    public JsonObject? Named(string kind, string param) => Named(kind, Params, param);

    public JsonObject? Named(string kind, Params among, string param)
    {
        if (!among.Has(param))
        {
            return null;
        }

        var id = among.Text(param) ?? throw StripeError.Invalid(
            $"You passed an empty string for '{among.PathOf(param)}'. You should remove '{among.PathOf(param)}' from your request or supply a non-empty value.",
            among.PathOf(param), "parameter_invalid_empty");
        return World.Find(kind, id) ?? throw StripeError.Missing(StripeWorld.NameOf(kind), id, among.PathOf(param), 400);
    }

    /// <summary>Tells that something happened to this object, as it is now.</summary>
    public void Emit(string type, JsonObject subject, JsonObject? previous = null) => World.Events.Emit(this, type, subject, previous);

    /// <summary>Changes an object and tells it, unless nothing changed.</summary>
    public void Change(JsonObject subject, string type, Action change)
    {
        var before = subject.Copy();
        change();
        if (Node.Difference(before, subject) is { Count: > 0 } previous)
        {
            Emit(type, subject, previous);
        }
    }
}
