using Tideway.Fuzz;

return await FuzzCommand.Create().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
