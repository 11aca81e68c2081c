using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging;
using Tideway.Observability;

namespace Tideway.Tests.Observability;

public sealed class LogLineWriterTests
{
    private static readonly DateTimeOffset _noon = new(2026, 5, 4, 12, 0, 7, 89, TimeSpan.FromHours(2));

    /// <summary>Strings of all characters, with those that mean something to a format among them more often.</summary>
    private static readonly Gen<string> _texts = Gen.Char.Array[0, 20].Select(
        Gen.OneOfConst([.. "\t\n\r\0\\=:\"{\u001b\u009b\u2028\ud83d\ude00"]).Array[0, 20],
        (any, special) =>
        {
            char[] all = [.. any, .. special];
            new Random(all.Length).Shuffle(all);
            return new string(all);
        });

    public static TheoryData<LogFormat> Formats => [.. Enum.GetValues<LogFormat>()];

    [Theory]
    [InlineData(LogFormat.Tskv,
        "tskv\ttimestamp=2026-05-04T12:00:07.089000\tlevel=WARNING\tmodule=chat\ttext=a\\tb = \"c\"\tuser_id=7")]
    [InlineData(LogFormat.Ltsv,
        "timestamp:2026-05-04T12:00:07.089000\tlevel:WARNING\tmodule:chat\ttext:a\\tb = \"c\"\tuser_id:7")]
    [InlineData(LogFormat.Raw, "tskv\tmodule=chat\ttext=a\\tb = \"c\"\tuser_id=7")]
    [InlineData(LogFormat.Json,
        """{"timestamp":"2026-05-04T12:00:07.089000","level":"WARNING","module":"chat",""" +
        "\"text\":\"a\\tb = \\\"c\\\"\",\"user_id\":\"7\"}")]
    public void A_record_is_one_line_of_its_format(LogFormat format, string expected)
    {
        LogLineWriter record = LogLineWriter.Start(format);
        record.AddHead(_noon, LogLevel.Warning);
        record.Add("module"u8, "chat");
        record.Add("text"u8, "a\tb = \"c\"");
        record.AddExtra("User.Id", 7);
        Assert.Equal(expected + "\n", LogLines.TextOf(record.Finish()));
    }

    [Fact]
    public void Dates_begin_with_the_year()
    {
        LogLineWriter record = LogLineWriter.Start(LogFormat.Raw);
        record.AddExtra("utc", new DateTime(2026, 5, 4, 12, 0, 7, DateTimeKind.Utc));
        record.AddExtra("zone", _noon);
        record.AddExtra("day", new DateOnly(2026, 5, 4));
        Assert.Equal(
            "tskv\tutc=2026-05-04T12:00:07.0000000Z\tzone=2026-05-04T12:00:07.0890000+02:00\tday=2026-05-04\n",
            LogLines.TextOf(record.Finish()));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Whatever_keys_and_values_contain_it_stays_one_line_and_reads_back(LogFormat format) =>
        Gen.Select(_texts, _texts, _texts).Sample((text, key, value) =>
        {
            LogLineWriter record = LogLineWriter.Start(format);
            record.Add("text"u8, text);
            record.AddExtra(key, value);
            record.AddExtra("after", 1.5);

            // Half a surrogate pair has no UTF-8; everything else survives.
            string name = Sound(key.ToLowerInvariant().Replace('.', '_'));
            Assert.Equal(
                [new("text", Sound(text)), new(name, Sound(value)), new("after", "1.5")],
                LogLines.Decode(LogLines.TextOf(record.Finish()), format));
        });

    [Fact]
    public void A_finished_line_stays_one_line() =>
        _texts.Sample(text =>
        {
            string line = LogLines.TextOf(LogLineWriter.Encode(text));
            Assert.Equal(Sound(text).Replace('\n', ' ').Replace('\r', ' ') + "\n", line);
        });

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_value_is_cut_at_its_limit_but_no_character_in_two(LogFormat format)
    {
        string text = new string('x', LogLineWriter.MaxValue - 1) + "\U0001f600 and more";
        LogLineWriter record = LogLineWriter.Start(format);
        record.Add("text"u8, text);
        record.AddExtra("long", new string('y', 100_000));
        Assert.Equal(
            [new("text", text[..(LogLineWriter.MaxValue - 1)]), new("long", new string('y', LogLineWriter.MaxValue))],
            LogLines.Decode(LogLines.TextOf(record.Finish()), format));
    }

    [Fact]
    public void A_value_cannot_pass_for_a_part_of_the_record_itself()
    {
        LogLineWriter record = LogLineWriter.Start(LogFormat.Tskv);
        record.Add("text"u8, "true");
        record.AddExtra("Text", "forged");
        record.AddExtra("level", "ERROR");
        Assert.Equal("tskv\ttext=true\ttext_=forged\tlevel_=ERROR\n", LogLines.TextOf(record.Finish()));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_line_costs_its_rented_buffer_and_no_garbage(LogFormat format)
    {
        object number = 42; // Boxed by who logs.
        Encode();

        // The pool may let go of its buffers when tests beside this one have garbage collected: once, not each time.
        Assert.Equal(0, new[] { Measure(), Measure(), Measure() }.Min());

        long Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++) Encode();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Encode()
        {
            LogLineWriter record = LogLineWriter.Start(format);
            record.AddHead(_noon, LogLevel.Information);
            record.Add("text"u8, "Connection closed\tby its peer");
            record.AddExtra("Connection.Id", "0HN7T0PLVOGKP:00000002");
            record.AddExtra("Code", number);
            record.Finish().Return();
        }
    }

    private static string Sound(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
