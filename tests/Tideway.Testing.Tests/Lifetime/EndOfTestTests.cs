namespace Tideway.Testing.Tests.Lifetime;

/// <summary>What a test fails for at its end, and what it prints then.</summary>
public sealed class EndOfTestTests(BrokenRun run) : IClassFixture<BrokenRun>
{
    [Fact]
    public void A_WebSocket_that_is_left_open_fails_its_test() => Assert.Contains(
        "The test has left open the WebSocket to /chat",
        run.FindFailed("Leaves_a_WebSocket_open").Failure,
        StringComparison.Ordinal);

    [Fact]
    public void A_gate_that_is_left_open_fails_its_test() => Assert.Contains(
        "The test has left open a gate", run.FindFailed("Leaves_a_gate_open").Failure, StringComparison.Ordinal);

    [Fact]
    public void A_request_that_no_mock_takes_fails_the_test() => Assert.Contains(
        "The mock server has no handler for what the service asked: GET /orders/7?full=1",
        run.FindFailed("Asks_a_mock_in_vain").Failure,
        StringComparison.Ordinal);

    [Fact]
    public void A_mock_that_fails_fails_the_test() => Assert.Contains(
        "not this one", run.FindFailed("Has_a_mock_that_fails").Failure, StringComparison.Ordinal);

    [Fact]
    public void A_failure_behind_a_gate_tells_its_seed()
    {
        (string failure, string output) = run.FindFailed("Fails_through_a_gate");
        Assert.Contains("on purpose", failure, StringComparison.Ordinal);
        Assert.Contains("gate.Seed = 1234", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_leaves_open_what_it_opened_for_its_tests_fails()
    {
        Assert.Null(Assert.Single(run.Find("Uses_what_its_class_leaves_open")).Failure);
        Assert.Contains(
            "Uses_what_its_class_leaves_open: The test has left open the WebSocket to /chat",
            run.Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Two_tests_that_share_a_service_at_once_are_refused()
    {
        string?[] failures = [.. run.Find("ParallelTests.Shares_a_service").Select(test => test.Failure)];
        Assert.Equal(2, failures.Length);
        string failure = Assert.Single(failures, failure => failure is not null)!;
        Assert.Contains("ServiceFixture<Probe> is still in use by the test '", failure, StringComparison.Ordinal);
        Assert.Contains("[Collection]", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11, 22)]
    [InlineData(22, 11)]
    public void A_test_that_fails_prints_the_log_of_itself_only(int own, int others)
    {
        (string failure, string output) = run.FindFailed($"Fails_and_prints_its_log(length: {own})");
        Assert.Contains("on purpose", failure, StringComparison.Ordinal);
        Assert.Contains(Record(own), output, StringComparison.Ordinal);
        Assert.DoesNotContain(Record(others), output, StringComparison.Ordinal);

        static string Record(int length) => $"DEBUG chat-handler: Received a message of {length} characters";
    }

    [Fact]
    public void A_handler_that_outlives_its_connection_fails_the_test() => Assert.Contains(
        "the service has WebSockets open that no client has",
        run.FindFailed("Leaves_a_handler_running").Failure,
        StringComparison.Ordinal);

    [Fact]
    public void An_assertion_that_fails_at_a_testpoint_fails_the_test() => Assert.Contains(
        "At the testpoint 'message-received': Assert.Equal() Failure",
        run.FindFailed("Has_an_assertion_that_fails_at_a_testpoint").Failure,
        StringComparison.Ordinal);

    [Fact]
    public void A_failure_of_the_service_that_a_test_does_not_look_at_fails_it() => Assert.Contains(
        "with a close frame 1011",
        run.FindFailed("Does_not_look_at_a_failure_of_the_service").Failure,
        StringComparison.Ordinal);

    [Fact]
    public void A_service_that_dies_fails_the_test() => Assert.Contains(
        "The service has ended with the exit code 3",
        run.FindFailed("Kills_its_service").Failure,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(11, 22)]
    [InlineData(22, 11)]
    public void A_test_that_takes_too_long_prints_its_log_and_leaves_the_service_to_the_next(int own, int others)
    {
        (string failure, string output) = run.FindFailed($"Waits_for_what_never_comes(length: {own})");
        Assert.Contains("timed out", failure, StringComparison.Ordinal);
        Assert.Contains($"Received a message of {own} characters", output, StringComparison.Ordinal);
        Assert.DoesNotContain($"Received a message of {others} characters", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_that_goes_on_behind_its_time_out_does_not_take_the_service_again() => Assert.Contains(
        "timed out", run.FindFailed("Goes_on_for_ever").Failure, StringComparison.Ordinal);
}
