using System.Text.Json;

namespace Sandbox.Turso;

/// <summary>A batch: its steps in order, each if its condition holds; a step that fails does not stop the others.</summary>
internal static class HranaBatch
{
    private enum Outcome
    {
        Skipped,
        Ok,
        Failed,
    }

    public static async Task<object> Run(JsonElement batch, Func<JsonElement, Task<object>> execute, Func<bool> isAutocommit)
    {
        List<object?> results = [];
        List<object?> errors = [];
        List<Outcome> outcomes = [];
        foreach (var step in batch.GetProperty("steps").EnumerateArray())
        {
            object? result = null;
            object? error = null;
            if (!step.TryGetProperty("condition", out var condition) || condition.ValueKind == JsonValueKind.Null || Holds(condition, outcomes, isAutocommit))
            {
                try
                {
                    result = await execute(step.GetProperty("stmt"));
                }
                catch (HranaError failure)
                {
                    error = failure.Shape;
                }
            }

            results.Add(result);
            errors.Add(error);
            outcomes.Add(error is not null ? Outcome.Failed : result is not null ? Outcome.Ok : Outcome.Skipped);
        }

        return new { step_results = results, step_errors = errors };
    }

    private static bool Holds(JsonElement condition, List<Outcome> outcomes, Func<bool> isAutocommit) => HranaValues.Text(condition, "type") switch
    {
        "ok" => At(condition, outcomes) == Outcome.Ok,
        "error" => At(condition, outcomes) == Outcome.Failed,
        "not" => !Holds(condition.GetProperty("cond"), outcomes, isAutocommit),
        "and" => condition.GetProperty("conds").EnumerateArray().All(part => Holds(part, outcomes, isAutocommit)),
        "or" => condition.GetProperty("conds").EnumerateArray().Any(part => Holds(part, outcomes, isAutocommit)),
        "is_autocommit" => isAutocommit(),
        var type => throw HranaRefusal.Unreadable($"JSON parse error: unknown variant {type ?? "nothing"} of a condition"),
    };

    private static Outcome At(JsonElement condition, List<Outcome> outcomes) =>
        condition.GetProperty("step").GetInt32() is var step && step < outcomes.Count
            ? outcomes[step]
            : throw new HranaError("Batch condition refers to a step that has not been executed yet", "BATCH_COND_BAD_STEP");
}
