using System.Text.RegularExpressions;
using Tideway.Compatibility;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.DynamicConfig;
using Tideway.Observability;
using Tideway.Server;
using Tideway.Testsuite;

namespace Tideway.Tests.Repository;

/// <summary>Holds the pages to the sources: their code is the samples' code, their links lead somewhere.</summary>
public sealed partial class DocsTests
{
    internal static readonly string Root = FindRoot();

    public static TheoryData<string> Pages =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "samples"), "README.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Root, "*.md"))
            .Select(path => Path.GetRelativePath(Root, path))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_snippet_of_a_page_is_what_its_source_says(string page)
    {
        foreach (Match snippet in Snippet().Matches(File.ReadAllText(Path.Combine(Root, page))))
            Assert.Equal(Cut(snippet.Groups["file"].Value, snippet.Groups["name"].Value), snippet.Groups["code"].Value);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_to_a_file_leads_to_one(string page)
    {
        string directory = Path.GetDirectoryName(Path.Combine(Root, page))!;
        foreach (Match link in Link().Matches(File.ReadAllText(Path.Combine(Root, page))))
        {
            string target = Path.Combine(directory, link.Groups["target"].Value);
            Assert.True(
                File.Exists(target) || Directory.Exists(target), $"{page} links to {link.Groups["target"].Value}");
        }
    }

    [Fact]
    public void The_reference_of_the_static_config_is_fresh()
    {
        string path = Path.Combine(Root, "docs", "reference", "static-config.md");
        string expected = StaticConfigPage();
        if (Environment.GetEnvironmentVariable("TIDEWAY_WRITE_DOCS") == "1") File.WriteAllText(path, expected);
        Assert.True(File.ReadAllText(path) == expected, "docs/reference/static-config.md is stale: run `make docs`.");
    }

    [Fact]
    public void The_reference_of_the_dynamic_config_is_fresh()
    {
        string path = Path.Combine(Root, "docs", "reference", "dynamic-config.md");
        string expected = """
            # Dynamic config

            The variables that the framework itself reads. Generated from their declarations by `make docs`; do not
            edit. A service has those of its own code beside them: `--print-dynamic-config-schema` and
            `--print-dynamic-config-defaults` print them all.

            Where values come from is said by the sections `dynamic-config`, `dynamic-config-fallbacks`,
            `dynamic-config-client` and `dynamic-config-client-updater` of the [static config](static-config.md). In
            order, the last one that has a value counts: the default of the code, `defaults` or `defaults-path`,
            `fallback-path`, then the watched file or the config service (there is [one among the
            samples](../../samples/ConfigService)), and until that has brought values the file at `fs-cache-path`.

            A set of values is taken whole or refused whole. Durations are whole numbers whose unit is the end of their
            name (`_MS`, `-ms`, `_SECONDS`, ...; seconds without one), or strings such as `"500ms"`. Names that no code
            declares are counted and ignored.


            """ + VariableTable.For(DynamicConfigKeys.Find([typeof(Daemon).Assembly])).TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable("TIDEWAY_WRITE_DOCS") == "1") File.WriteAllText(path, expected);
        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == expected,
            "docs/reference/dynamic-config.md is stale: run `make docs`.");
    }

    [Fact]
    public void The_sample_is_at_most_45_lines() =>
        Assert.InRange(File.ReadAllLines(Path.Combine(Root, "samples", "ChatService", "Program.cs")).Length, 1, 45);

    private static string StaticConfigPage()
    {
        string page = """
            # Static config

            Generated from the config records by `make docs`; do not edit. *No effect* marks what is accepted so that an
            existing userver file starts, and why it changes nothing. The sections `os-signal-processor`,
            `manager-controller`, `alerts-storage`, `tracing-manager-locator` and `auth-checker-settings` are accepted,
            too, with no options of their own: what they steer is not here.

            In the ready-made lists, `handler-ping`, `handler-server-monitor`, `dynamic-config-client`,
            `dynamic-config-client-updater`, `testsuite-support`, `tests-control`,
            `default-server-middleware-pipeline-builder`, `http-client` and `dns-client` are optional: they are loaded
            when they have a section, be it an empty one. The last five are for functional tests; a service that has
            none of them exposes none of it.

            Every other key is an error, on purpose also where userver knows it: `auth` and `middlewares` of handlers,
            `tls.private-key-passphrase-name` and `as_fallback`, for example. A service that started without
            them would let in whom they keep out, or lack what they add. Authenticate in `OnHandshakeAsync` or in the
            handler.


            """;
        foreach ((string title, Type type) in new[]
        {
            ("The file", typeof(RootConfig)),
            ("`server`", typeof(ServerConfig)),
            ("HTTP handlers, `handler-ping` among them", typeof(HandlerConfig)),
            ("WebSocket handlers", typeof(WebSocketHandlerConfig)),
            ("`logging`", typeof(LoggingConfig)),
            ("`tracer`", typeof(TracerConfig)),
            ("`statistics-storage`", typeof(MetricsConfig)),
            ("`handler-server-monitor`", typeof(ServerMonitorConfig)),
            ("`dynamic-config`", typeof(DynamicConfigConfig)),
            ("`dynamic-config-fallbacks`", typeof(DynamicConfigFallbacksConfig)),
            ("`dynamic-config-client`", typeof(DynamicConfigClientConfig)),
            ("`dynamic-config-client-updater`", typeof(DynamicConfigClientUpdaterConfig)),
            ("`testsuite-support`", typeof(TestsuiteSupportConfig)),
            ("`tests-control`", typeof(TestsControlConfig)),
            ("`default-server-middleware-pipeline-builder`", typeof(MiddlewarePipelineConfig)),
            ("`http-client`", typeof(HttpClientConfig)),
            ("`dns-client`", typeof(DnsClientConfig)),
        })
        {
            page += $"## {title}\n\n{OptionTable.For(type)}\n";
        }

        return page.TrimEnd('\n') + "\n";
    }

    /// <summary>Cuts a whole file, or what stands between <c>// snippet:
    /// name</c> and <c>// end</c>, without its indent.</summary>
    private static string Cut(string file, string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Root, file));
        if (name.Length == 0) return string.Join('\n', lines) + "\n";
        string[] cut = [.. lines
            .SkipWhile(line => line.Trim() != $"// snippet: {name}").Skip(1)
            .TakeWhile(line => line.Trim() != "// end")];
        int indent = cut.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', cut.Select(line => line.Length > 0 ? line[indent..] : line)) + "\n";
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Tideway.slnx"))) directory = directory.Parent!;
        return directory.FullName;
    }

    [GeneratedRegex(
        @"<!-- snippet: (?<file>[^\s#]+)(#(?<name>\S+))? -->\n```\w+\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\]\((?!https?:|#)(?<target>[^)#\s]+)")]
    private static partial Regex Link();
}
