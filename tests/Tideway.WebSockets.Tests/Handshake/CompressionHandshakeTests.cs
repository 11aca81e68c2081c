using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Tests.Handshake;

/// <summary>What ends of a connection agree on, and what they refuse (RFC 7692 §7.1).</summary>
public sealed class CompressionHandshakeTests
{
    private const string Off = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    [Theory]
    [InlineData("permessage-deflate", "permessage-deflate")]
    [InlineData("PerMessage-Deflate", "permessage-deflate")]
    [InlineData(" ,, permessage-deflate ,", "permessage-deflate")]
    [InlineData("permessage-deflate; client_max_window_bits", "permessage-deflate")]
    [InlineData("permessage-deflate;server_no_context_takeover", "permessage-deflate; server_no_context_takeover")]
    [InlineData("permessage-deflate ; client_no_context_takeover", "permessage-deflate; client_no_context_takeover")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10")]
    [InlineData("permessage-deflate; Server_Max_Window_Bits = \"9\"", "permessage-deflate; server_max_window_bits=9")]
    [InlineData(
        "permessage-deflate; server_max_window_bits=\"\\1\\5\"", "permessage-deflate; server_max_window_bits=15")]
    [InlineData("permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits=8")]
    [InlineData("permessage-deflate; client_max_window_bits=15", "permessage-deflate")]
    public void A_server_that_keeps_contexts_confirms_what_is_asked(string offer, string answer) =>
        Assert.Equal(answer, Answer([offer], keepsContext: true));

    [Theory]
    [InlineData("permessage-deflate", Off)]
    [InlineData("permessage-deflate; client_max_window_bits", Off)]
    [InlineData("permessage-deflate; server_max_window_bits=12", Off + "; server_max_window_bits=12")]
    public void A_server_that_keeps_none_says_so(string offer, string answer) =>
        Assert.Equal(answer, Answer([offer], keepsContext: false));

    [Theory]
    [InlineData("permessage-deflate", "; server_max_window_bits=11")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "; server_max_window_bits=10")]
    [InlineData("permessage-deflate; server_max_window_bits=12", "; server_max_window_bits=11")]
    [InlineData("permessage-deflate; client_max_window_bits", "; server_max_window_bits=11; client_max_window_bits=11")]
    [InlineData(
        "permessage-deflate; client_max_window_bits=9", "; server_max_window_bits=11; client_max_window_bits=9")]
    public void A_server_with_a_small_window_limits_whom_it_may(string offer, string answer) =>
        Assert.Equal("permessage-deflate" + answer, Answer([offer], keepsContext: true, windowBits: 11));

    [Theory]
    [InlineData("")]
    [InlineData("x-webkit-deflate-frame")]
    [InlineData("permessage-bzip2; permessage-deflate")]
    [InlineData("permessage-deflate; server_max_window_bits")]
    [InlineData("permessage-deflate; server_max_window_bits=8")]
    [InlineData("permessage-deflate; server_max_window_bits=7")]
    [InlineData("permessage-deflate; server_max_window_bits=16")]
    [InlineData("permessage-deflate; server_max_window_bits=010")]
    [InlineData("permessage-deflate; server_max_window_bits=+10")]
    [InlineData("permessage-deflate; server_max_window_bits=1000000000000")]
    [InlineData("permessage-deflate; client_max_window_bits=16")]
    [InlineData("permessage-deflate; client_max_window_bits=x")]
    [InlineData("permessage-deflate; server_no_context_takeover=1")]
    [InlineData("permessage-deflate; client_no_context_takeover=true")]
    [InlineData("permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData("permessage-deflate; client_max_window_bits; client_max_window_bits=10")]
    [InlineData("permessage-deflate; server_max_window_bits=10; server_max_window_bits=10")]
    [InlineData("permessage-deflate; unknown")]
    public void An_offer_that_cannot_be_kept_is_declined(string offer)
    {
        Assert.True(ExtensionList.IsValid([offer]));
        Assert.Null(Answer([offer], keepsContext: true));
    }

    [Theory]
    [InlineData("permessage-deflate; unknown, permessage-deflate; server_max_window_bits=10, permessage-deflate")]
    [InlineData("foo; bar=\"baz\"", "permessage-deflate; x=y", "permessage-deflate; server_max_window_bits=10")]
    public void The_first_offer_that_can_be_kept_is_accepted(params string[] lines) =>
        Assert.Equal("permessage-deflate; server_max_window_bits=10", Answer(lines, keepsContext: true));

    [Theory]
    [InlineData("permessage-deflate;")]
    [InlineData("; permessage-deflate")]
    [InlineData("permessage-deflate; ; x")]
    [InlineData("permessage-deflate; =10")]
    [InlineData("permessage-deflate; x=")]
    [InlineData("permessage-deflate; x=\"")]
    [InlineData("permessage-deflate; x=\"a\\")]
    [InlineData("permessage-deflate; x=\"\"")]
    [InlineData("permessage-deflate; x=\"a b\"")]
    [InlineData("permessage-deflate; x=\"a\"b")]
    [InlineData("permessage-deflate; x=a b")]
    [InlineData("permessage-deflate x")]
    [InlineData("permessage deflate")]
    [InlineData("permessage@deflate")]
    [InlineData("permessage-deflate; x=a, \"b\"")]
    public void A_header_outside_of_the_grammar_is_malformed(string line)
    {
        Assert.False(ExtensionList.IsValid([line]));
        Assert.Null(Answer([line, "permessage-deflate"], keepsContext: true));
        Assert.Contains("malformed", Flaw([line], keepsContext: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 15, "permessage-deflate; client_max_window_bits")]
    [InlineData(false, 15, Off + "; client_max_window_bits")]
    [InlineData(true, 11, "permessage-deflate; server_max_window_bits=11; client_max_window_bits=11")]
    public void A_client_offers_what_it_is_set_to(bool keepsContext, int windowBits, string offer)
    {
        Assert.Equal(offer, CompressionHandshake.Offer(keepsContext, windowBits));
        CompressionAgreement? server = CompressionHandshake.Accept([offer], true, 15, out string? answer);
        Assert.Null(
            CompressionHandshake.FindFlaw([answer], keepsContext, windowBits, out CompressionAgreement? client));
        Assert.Equal(server! with { ClientKeepsContext = keepsContext }, client);
        Assert.Equal(keepsContext, client!.ServerKeepsContext);
        Assert.Equal(windowBits, client.ClientWindowBits);
    }

    [Theory]
    [InlineData("permessage-deflate", true, true, 15, 15)]
    [InlineData("permessage-deflate; server_no_context_takeover", false, true, 15, 15)]
    [InlineData("permessage-deflate; client_no_context_takeover", true, false, 15, 15)]
    [InlineData("permessage-deflate; client_max_window_bits=8", true, true, 15, 8)]
    [InlineData("PERMESSAGE-DEFLATE; client_max_window_bits=\"10\"; server_max_window_bits=9", true, true, 9, 10)]
    public void A_client_keeps_to_what_the_server_answers(
        string answer, bool serverContext, bool clientContext, int serverBits, int clientBits)
    {
        Assert.Null(CompressionHandshake.FindFlaw([answer], true, 15, out CompressionAgreement? agreement));
        Assert.Equal(new CompressionAgreement(serverContext, clientContext, serverBits, clientBits), agreement);
    }

    [Fact]
    public void A_server_may_decline()
    {
        Assert.Null(CompressionHandshake.FindFlaw([], true, 15, out CompressionAgreement? agreement));
        Assert.Null(agreement);
    }

    [Theory]
    [InlineData("permessage-deflate, permessage-deflate")]
    [InlineData("permessage-bzip2")]
    [InlineData("permessage-deflate; unknown")]
    [InlineData("permessage-deflate; client_max_window_bits")]
    [InlineData("permessage-deflate; client_max_window_bits=16")]
    [InlineData("permessage-deflate; server_max_window_bits")]
    [InlineData("permessage-deflate; server_max_window_bits=12; server_max_window_bits=12")]
    [InlineData("permessage-deflate; server_no_context_takeover=yes")]
    public void An_answer_that_cannot_be_kept_has_a_flaw(string answer) =>
        Assert.NotNull(Flaw([answer], keepsContext: true));

    [Theory]
    [InlineData("permessage-deflate", false, 15)]
    [InlineData("permessage-deflate; client_no_context_takeover", false, 15)]
    [InlineData("permessage-deflate", true, 12)]
    [InlineData("permessage-deflate; server_max_window_bits=13", true, 12)]
    [InlineData("permessage-deflate; server_max_window_bits=12; client_max_window_bits=13", true, 12)]
    public void An_answer_that_asks_for_more_than_was_offered_has_a_flaw(
        string answer, bool keepsContext, int windowBits) =>
        Assert.NotNull(Flaw([answer], keepsContext, windowBits));

    private static string? Answer(string?[] lines, bool keepsContext, int windowBits = 15)
    {
        CompressionAgreement? agreement =
            CompressionHandshake.Accept(lines, keepsContext, windowBits, out string? answer);
        Assert.Equal(agreement is null, answer is null);
        return answer;
    }

    private static string? Flaw(string?[] lines, bool keepsContext, int windowBits = 15) =>
        CompressionHandshake.FindFlaw(lines, keepsContext, windowBits, out _);
}
