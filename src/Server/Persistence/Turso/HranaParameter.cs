using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Ledgerline.Persistence.Turso;

/// <summary>A named value; SQLite takes the type from the value.</summary>
internal sealed class HranaParameter : DbParameter
{
    public override DbType DbType { get; set; } = DbType.Object;
    public override ParameterDirection Direction { get; set; } = ParameterDirection.Input;
    public override bool IsNullable { get; set; }

    [AllowNull]
    public override string ParameterName { get; set; } = "";

    public override int Size { get; set; }

    [AllowNull]
    public override string SourceColumn { get; set; } = "";

    public override bool SourceColumnNullMapping { get; set; }
    public override object? Value { get; set; }

    public override void ResetDbType() => DbType = DbType.Object;
}

/// <summary>The parameters of one statement, in the order they were added.</summary>
internal sealed class HranaParameters : DbParameterCollection, IEnumerable<HranaParameter>
{
    private readonly List<HranaParameter> all = [];

    public override int Count => all.Count;
    public override object SyncRoot => ((ICollection)all).SyncRoot;

    /// <summary>As the statement takes them: the name with its sign.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Arguments => all.ConvertAll(parameter => KeyValuePair.Create(
        parameter.ParameterName is ['@' or ':' or '$', ..] ? parameter.ParameterName : $"@{parameter.ParameterName}", parameter.Value));

    public override int Add(object value)
    {
        all.Add((HranaParameter)value);
        return all.Count - 1;
    }

    public override void AddRange(Array values) => all.AddRange(values.Cast<HranaParameter>());

    public override void Clear() => all.Clear();

    public override bool Contains(object value) => all.Contains((HranaParameter)value);

    public override bool Contains(string value) => IndexOf(value) >= 0;

    public override void CopyTo(Array array, int index) => ((ICollection)all).CopyTo(array, index);

    public override IEnumerator GetEnumerator() => all.GetEnumerator();

    public override int IndexOf(object value) => all.IndexOf((HranaParameter)value);

    public override int IndexOf(string parameterName) => all.FindIndex(parameter => parameter.ParameterName == parameterName);

    public override void Insert(int index, object value) => all.Insert(index, (HranaParameter)value);

    public override void Remove(object value) => all.Remove((HranaParameter)value);

    public override void RemoveAt(int index) => all.RemoveAt(index);

    public override void RemoveAt(string parameterName) => all.RemoveAt(Known(parameterName));

    IEnumerator<HranaParameter> IEnumerable<HranaParameter>.GetEnumerator() => all.GetEnumerator();

    protected override DbParameter GetParameter(int index) => all[index];

    protected override DbParameter GetParameter(string parameterName) => all[Known(parameterName)];

    protected override void SetParameter(int index, DbParameter value) => all[index] = (HranaParameter)value;

    protected override void SetParameter(string parameterName, DbParameter value) => all[Known(parameterName)] = (HranaParameter)value;

    private int Known(string name) => IndexOf(name) is var index and >= 0 ? index : throw new ArgumentException($"There is no parameter {name}.", nameof(name));
}
