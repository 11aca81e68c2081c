using System.Runtime.InteropServices;

/// <summary>Runs in every .NET peer before its Main (DOTNET_STARTUP_HOOKS), so that none needs code for being
/// measured.</summary>
internal static class StartupHook
{
    private const PosixSignal UserSignal2 = (PosixSignal)12; // SIGUSR2 on Linux

    private static PosixSignalRegistration? _registration;

    /// <summary>Has the signal collect all garbage, give the memory back, and say so.</summary>
    public static void Initialize() =>
        _registration = PosixSignalRegistration.Create(UserSignal2, context =>
        {
            context.Cancel = true;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Console.WriteLine("collected");
        });
}
