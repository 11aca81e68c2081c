using Tideway.Load;

try
{
    return await LoadCommand.Create().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Ended before the result.");
    return 1;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
