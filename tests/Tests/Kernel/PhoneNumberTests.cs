using Ledgerline.Kernel;
using Xunit;

namespace Tests.Kernel;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("+1234567890", "+1234567890")]
    [InlineData("+1 (555) 010-0123", "+15550100123")]
    [InlineData("[555] 010 0123", "+15550100123")]
    [InlineData("5550100123", "+15550100123")]
    [InlineData("  +49-30-901820 ", "+4930901820")]
    [InlineData("+1234567", "+1234567")]
    [InlineData("+123456789012345", "+123456789012345")]
    public void A_number_is_written_in_one_way(string text, string number)
    {
        var parsed = PhoneNumber.Parse(text);
        Assert.Equal(number, parsed?.Value);
        Assert.Equal(PhoneNumber.Parse(number), parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("+123456")]
    [InlineData("+1234567890123456")]
    [InlineData("+0123456789")]
    [InlineData("0123456789")]
    [InlineData("0015550100123")]
    [InlineData("15550100123")]
    [InlineData("555010012")]
    [InlineData("++15550100123")]
    [InlineData("1555+0100123")]
    [InlineData("+1.555.010.0123")]
    [InlineData("+1555O100123")]
    [InlineData("+1555010０123")]
    [InlineData("+١٢٣٤٥٦٧٨٩")]
    [InlineData("+1555\t0100123")]
    [InlineData("+1555\u00000100123")]
    [InlineData("+15550100123;ext=5")]
    [InlineData("tel:+15550100123")]
    [InlineData("-- -- -- -- -- --")]
    public void What_is_no_number_is_none(string text) => Assert.Null(PhoneNumber.Parse(text));

    [Fact]
    public void Endless_text_is_not_read_and_a_number_does_not_print_itself()
    {
        Assert.Null(PhoneNumber.Parse("+15550100123" + new string(' ', 1_000_000)));
        Assert.Equal("+…23", $"{PhoneNumber.Parse("+15550100123")}");
    }
}
