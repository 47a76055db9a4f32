using System.Text.Json;
using Ledgerline.Persistence;

namespace Ledgerline.Jobs;

/// <summary>Who hears what. Filled once, in Services.cs, and read-only afterwards.</summary>
public sealed class Listeners
{
    private readonly Dictionary<Type, List<string>> later = [];
    private readonly Dictionary<Type, List<Delegate>> within = [];
    private readonly Dictionary<string, Func<IServiceProvider, string, CancellationToken, Task>> runs = [];
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

    internal Func<IServiceProvider, string, CancellationToken, Task>? Find(string kind) => runs.GetValueOrDefault(kind);

    /// <summary>The listeners of one kind of news.</summary>
    public sealed class Hears<TNews>
        where TNews : notnull
    {
        private readonly Listeners all;

        internal Hears(Listeners all) => this.all = all;

        /// <summary>Runs in a transaction of its own after the news is durable, at least once.</summary>
        public Hears<TNews> Run<TJob>()
            where TJob : IJob<TNews>
        {
            var kind = $"{typeof(TNews).Name} → {typeof(TJob).Name}";
            if (!all.later.TryGetValue(typeof(TNews), out var kinds))
            {
                all.later[typeof(TNews)] = kinds = [];
            }

            kinds.Add(kind);
            all.runs[kind] = (services, payload, stop) => ActivatorUtilities.GetServiceOrCreateInstance<TJob>(services)
                .Run(JsonSerializer.Deserialize<TNews>(payload, JobJson.Options)!, stop);
            return this;
        }

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
    }
}
