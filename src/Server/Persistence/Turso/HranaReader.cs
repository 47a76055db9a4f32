using System.Collections;
using System.Data.Common;
using System.Globalization;

namespace Ledgerline.Persistence.Turso;

/// <summary>
/// Reads results that are here as a whole. A column has one type for all its rows, as mappers expect: that of its values, else the
/// one it was declared with.
/// </summary>
internal sealed class HranaReader(IReadOnlyList<HranaResult> results) : DbDataReader
{
    private Type[]? types;
    private int result;
    private int row = -1;
    private bool closed;

    public override int Depth => 0;
    public override int FieldCount => Current.Columns.Count;
    public override bool HasRows => Current.Rows.Count > 0;
    public override bool IsClosed => closed;
    public override int RecordsAffected => (int)results.Sum(one => one.Changed);

    private HranaResult Current => result < results.Count ? results[result] : HranaResult.Nothing;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public override bool Read() => ++row < Current.Rows.Count;

    public override bool NextResult()
    {
        (types, row) = (null, -1);
        return ++result < results.Count;
    }

    public override void Close() => closed = true;

    public override string GetName(int ordinal) => Current.Columns[ordinal].Name;

    public override int GetOrdinal(string name)
    {
        var columns = Current.Columns;
        for (var at = 0; at < columns.Count; at++)
        {
            if (string.Equals(columns[at].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return at;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(name), $"The result has no column {name}.");
    }

    public override Type GetFieldType(int ordinal) => (types ??= [.. Enumerable.Range(0, FieldCount).Select(TypeOf)])[ordinal];

    public override string GetDataTypeName(int ordinal) => Current.Columns[ordinal].DeclaredType ?? GetFieldType(ordinal).Name;

    public override bool IsDBNull(int ordinal) => Current.Rows[row][ordinal] is null;

    // A whole number in a column of integers is one, also when somebody stored it as a float.
    public override object GetValue(int ordinal) => Current.Rows[row][ordinal] switch
    {
        null => DBNull.Value,
        double whole when GetFieldType(ordinal) == typeof(long) => (long)whole,
        long whole when GetFieldType(ordinal) == typeof(double) => (double)whole,
        var value => value,
    };

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var at = 0; at < count; at++)
        {
            values[at] = GetValue(at);
        }

        return count;
    }

    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));

    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    public override long GetInt64(int ordinal) => GetValue(ordinal) switch
    {
        long value => value,
        double whole when IsWhole(whole) => (long)whole,
        var other => throw Misread(ordinal, other, "an integer"),
    };

    public override double GetDouble(int ordinal) => Convert.ToDouble(GetValue(ordinal), CultureInfo.InvariantCulture);

    public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

    public override decimal GetDecimal(int ordinal) => Convert.ToDecimal(GetValue(ordinal), CultureInfo.InvariantCulture);

    public override string GetString(int ordinal) => GetValue(ordinal) is var value && value is string text ? text : throw Misread(ordinal, value, "a text");

    public override char GetChar(int ordinal) => GetString(ordinal)[0];

    public override Guid GetGuid(int ordinal) => Guid.Parse(GetString(ordinal));

    public override DateTime GetDateTime(int ordinal) => throw new NotSupportedException("Instants are stored as Unix milliseconds: read an integer.");

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length)
    {
        var bytes = GetValue(ordinal) is var value && value is byte[] blob ? blob : throw Misread(ordinal, value, "bytes");
        return Copy(bytes, dataOffset, buffer, bufferOffset, length);
    }

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) =>
        Copy(GetString(ordinal).ToCharArray(), dataOffset, buffer, bufferOffset, length);

    public override IEnumerator GetEnumerator() => new DbEnumerator(this);

    private static bool IsWhole(double number) => Math.Floor(number) == number && Math.Abs(number) < long.MaxValue;

    private static long Copy<T>(T[] all, long from, T[]? buffer, int at, int length)
    {
        if (buffer is null)
        {
            return all.Length;
        }

        var count = (int)Math.Clamp(all.Length - from, 0, length);
        Array.Copy(all, from, buffer, at, count);
        return count;
    }

    private Type TypeOf(int column)
    {
        var values = Current.Rows.Select(one => one[column]).Where(value => value is not null).ToList();
        var declared = Declared(Current.Columns[column].DeclaredType);
        var wholes = values.TrueForAll(value => value is long || (value is double number && IsWhole(number)));
        return values.Count == 0 ? declared ?? typeof(string)
            : wholes && (declared == typeof(long) || values.Exists(value => value is long)) ? typeof(long)
            : values.TrueForAll(value => value is long or double) ? typeof(double)
            : values.TrueForAll(value => value!.GetType() == values[0]!.GetType()) ? values[0]!.GetType()
            : typeof(object);
    }

    // The rules by which SQLite finds a column's affinity, in their order.
    private static Type? Declared(string? type) => type?.ToUpperInvariant() switch
    {
        null => null,
        var name when name.Contains("INT", StringComparison.Ordinal) || name == "BOOLEAN" => typeof(long),
        var name when name.Contains("CHAR", StringComparison.Ordinal) || name.Contains("CLOB", StringComparison.Ordinal) || name.Contains("TEXT", StringComparison.Ordinal) => typeof(string),
        var name when name.Contains("BLOB", StringComparison.Ordinal) => typeof(byte[]),
        var name when name.Contains("REAL", StringComparison.Ordinal) || name.Contains("FLOA", StringComparison.Ordinal) || name.Contains("DOUB", StringComparison.Ordinal) => typeof(double),
        _ => null,
    };

    private InvalidCastException Misread(int ordinal, object value, string expected) => new($"The column {GetName(ordinal)} holds {value}, not {expected}.");
}
