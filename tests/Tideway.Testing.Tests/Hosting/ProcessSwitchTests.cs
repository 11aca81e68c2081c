namespace Tideway.Testing.Tests.Hosting;

public sealed class ProcessSwitchTests(SwitchedRun run) : IClassFixture<SwitchedRun>
{
    [Fact]
    public void An_environment_variable_has_all_services_be_processes() =>
        Assert.Null(Assert.Single(run.Find("Has_its_service_in_another_process")).Failure);
}
