using Tideway.Fuzz;

try
{
    return await FuzzCommand.Create().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Ended before its time.");
    return 1;
}
