using System.Text.Json;
using Ledgerline.Persistence;

namespace Ledgerline.Jobs;

/// <summary>Who hears what. Filled once, in Services.cs, and read-only afterwards.</summary>
public sealed class Listeners
{
    private readonly Dictionary<Type, List<string>> later = [];
    private readonly Dictionary<Type, List<Delegate>> within = [];
    private readonly Dictionary<string, KnownJob> runs = [];
    private readonly Dictionary<string, (TimeSpan Every, Type News)> recurring = [];

    public Hears<TNews> On<TNews>()
        where TNews : notnull => new(this);

    /// <summary>Publishes an empty <typeparamref name="TNews"/> once every interval, on one node only.</summary>
    public Hears<TNews> Every<TNews>(TimeSpan interval)
        where TNews : notnull, new()
    {
        recurring[typeof(TNews).Name] = (interval, typeof(TNews));
        return new(this);
    }

    internal IReadOnlyDictionary<string, (TimeSpan Every, Type News)> Recurring => recurring;

    internal IReadOnlyList<string> Later(Type news) => later.TryGetValue(news, out var kinds) ? kinds : [];

    internal IEnumerable<Func<IServiceProvider, Transaction, IReadOnlyList<TNews>, CancellationToken, Task>> Within<TNews>() =>
        within.TryGetValue(typeof(TNews), out var listeners) ? listeners.Cast<Func<IServiceProvider, Transaction, IReadOnlyList<TNews>, CancellationToken, Task>>() : [];

    internal bool Hear(Type news) => within.ContainsKey(news) || later.ContainsKey(news);

    internal KnownJob? Find(string kind) => runs.GetValueOrDefault(kind);

    /// <summary>The pools that jobs run in, each with how many may run at once on a node.</summary>
    internal IReadOnlyDictionary<string, int> Pools => runs.Values.Where(job => job.Style.AtOnce is not null)
        .ToDictionary(job => job.Pool, job => job.Style.AtOnce!.Value).Append(new(KnownJob.CommonPool, KnownJob.CommonAtOnce)).ToDictionary();

    /// <summary>The listeners of one kind of news.</summary>
    public sealed class Hears<TNews>
        where TNews : notnull
    {
        private readonly Listeners all;

        internal Hears(Listeners all) => this.all = all;

        /// <summary>Runs in a transaction of its own after the news is durable, at least once.</summary>
        public Hears<TNews> Run<TJob>()
            where TJob : IJob<TNews> => Add<TJob>(JobStyle.Common, false, (job, news, _, stop) => job.Run(news, stop));

        /// <inheritdoc cref="Run{TJob}()"/>
        public Hears<TNews> Run<TJob>(JobStyle style)
            where TJob : ITriedJob<TNews> => Add<TJob>(style, true, (job, news, attempt, stop) => job.Run(news, attempt, stop));

        /// <summary>Happens in the transaction that wrote the news.</summary>
        public Hears<TNews> Within<TListener>()
            where TListener : IWithin<TNews>
        {
            if (!all.within.TryGetValue(typeof(TNews), out var listeners))
            {
                all.within[typeof(TNews)] = listeners = [];
            }

            listeners.Add((IServiceProvider services, Transaction transaction, IReadOnlyList<TNews> news, CancellationToken stop) =>
                ActivatorUtilities.GetServiceOrCreateInstance<TListener>(services).Happen(transaction, news, stop));
            return this;
        }

        private Hears<TNews> Add<TJob>(JobStyle style, bool knowsAttempts, Func<TJob, TNews, JobAttempt, CancellationToken, Task> run)
        {
            var kind = $"{typeof(TNews).Name} → {typeof(TJob).Name}";
            if (!all.later.TryGetValue(typeof(TNews), out var kinds))
            {
                all.later[typeof(TNews)] = kinds = [];
            }

            kinds.Add(kind);
            all.runs[kind] = new KnownJob(style, knowsAttempts, style.AtOnce is null ? KnownJob.CommonPool : kind, (services, payload, attempt, stop) => run(
                ActivatorUtilities.GetServiceOrCreateInstance<TJob>(services), JsonSerializer.Deserialize<TNews>(payload, JobJson.Options)!, attempt, stop));
            return this;
        }
    }
}

/// <summary>A kind of job and how it is run.</summary>
/// <param name="KnowsAttempts">It is told which try this is.</param>
/// <param name="Pool">Jobs of one pool share their number of places on a node.</param>
internal sealed record KnownJob(JobStyle Style, bool KnowsAttempts, string Pool, Func<IServiceProvider, string, JobAttempt, CancellationToken, Task> Run)
{
    public const string CommonPool = "";
    public const int CommonAtOnce = 8;
}
