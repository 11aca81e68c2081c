using ConfigService;
using Tideway.Components;
using Tideway.Server;

// A pattern in a published schema may not keep a thread busy for long.
AppDomain.CurrentDomain.SetData("REGEX_DEFAULT_MATCH_TIMEOUT", TimeSpan.FromSeconds(1));

// snippet: main
return await Daemon.RunAsync(args, ComponentList.MinimalServer()
    .Append<Database>()
    .Append<ChangeLog>()
    .Append<SchemaCatalog>()
    .Append<ValuesHandler>() // what services ask
    .Append<AdminAccess>() // who may ask the rest
    .Append<VariablesHandler>()
    .Append<ChangesHandler>()
    .Append<SchemasHandler>()
    .Append<PageHandler>());
// end
