using System.Text.Json.Nodes;

namespace Tideway.FunctionalTests.ConfigService;

/// <summary>Uses the page in a real browser, where <c>make setup</c> has installed one.</summary>
public sealed class PageTests
{
    /// <summary>What the scripts of visits are made of: each does what an operator does, and waits for what he
    /// sees.</summary>
    private const string Steps = """
        const until = async look => {
          for (;;) {
            const seen = look();
            if (seen) return seen;
            await new Promise(resolve => setTimeout(resolve, 20));
          }
        };
        const one = selector => document.querySelector(selector);
        const button = text => [...document.querySelectorAll('button')]
          .find(each => each.textContent === text && each.offsetParent);
        const press = async text => (await until(() => button(text))).click();
        const type = (selector, text) => {
          one(selector).value = text;
          one(selector).dispatchEvent(new Event('input', { bubbles: true }));
          one(selector).dispatchEvent(new Event('change', { bubbles: true }));
        };
        const key = name => document.activeElement.dispatchEvent(
          new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
        const saved = number => until(() => one('#status').textContent === `Saved as revision ${number}.`);
        const row = () => one('main tbody tr').innerText.replace(/\s+/g, ' ');
        """;

    [Fact]
    public async Task An_operator_finds_a_variable_sets_it_is_corrected_and_goes_back()
    {
        string seen = await VisitAsync("""
            key('/');
            one('#search').focus();
            type('#search', 'rooms most');
            await until(() => document.querySelectorAll('#list a').length === 1);
            key('ArrowDown');
            document.activeElement.click();
            await press('Set a value');
            await until(() => document.activeElement.id === 'value');
            const early = one('#edit .check').offsetParent === null;
            await press('Save');
            const nobody = await until(() => one('#problems').textContent) + document.activeElement.id;
            type('#author', 'ann');
            const first = one('#value').value;
            type('#value', '500');
            await press('Save');
            const problem = await until(() => one('#problems').textContent);
            const invalid = one('#value').getAttribute('aria-invalid');
            type('#value', '50');
            type('#comment', 'a <b>big</b> day');
            await press('Save');
            await saved(1);
            await press('Edit');
            type('#value', '60');
            await press('Save');
            await saved(2);
            await press('Roll back to this');
            await saved(3);
            await until(() => document.querySelectorAll('#history li').length === 3);
            return [nobody, first, problem, invalid, row(), early,
              one('#history').textContent.includes('a <b>big</b> day')].join('|');
            """);
        Assert.StartsWith("Say who you are, at the top.author|10|MAX_ROOMS: ", seen, StringComparison.Ordinal);
        Assert.Contains("|true|everybody 50 ", seen, StringComparison.Ordinal);
        Assert.EndsWith("by ann Edit Remove|true|true", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_switch_is_thrown_and_what_others_wrote_is_shown_as_text()
    {
        string seen = await VisitAsync(
            """
            location.hash = '#GREETING';
            type('#author', 'ann');
            await press('Switch off');
            await saved(2);
            const off = row();
            await press('Switch on');
            await saved(3);
            return [off, row(), document.querySelectorAll('main b, main img').length].join('|');
            """,
            async service => await service.ChangeAsync("""
                {
                  "name": "GREETING", "scope": "all", "value": "<b>x</b><img src=x onerror=alert(1)>",
                  "kill_switch": "enabled", "expected_revision": 0, "author": "<b>bob</b>"
                }
                """));
        Assert.Contains("onerror=alert(1)>\" switched off: defaults count ", seen, StringComparison.Ordinal);
        Assert.Contains("by ann Switch on Edit Remove|", seen, StringComparison.Ordinal);
        Assert.EndsWith("Switch off Edit Remove|0", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_means_nothing_shows_the_list()
    {
        string seen = await VisitAsync("""
            location.hash = '#GREETING';
            await until(() => one('main h2'));
            location.hash = '#%E0%A4%A';
            return await until(() => !one('main h2') && one('main').textContent);
            """);
        Assert.Contains("Pick a variable", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_who_comes_too_late_is_told_and_overwrites_nothing()
    {
        string seen = await VisitAsync("""
            location.hash = '#MAX_ROOMS';
            type('#author', 'ann');
            await press('Set a value');
            await fetch('/admin/changes', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body:
              JSON.stringify({ name: 'MAX_ROOMS', scope: 'all', value: 7, expected_revision: 0, author: 'bob' }) });
            type('#value', '8');
            await press('Save');
            const told = await until(() => one('#problems').textContent);
            await press('Refresh');
            await until(() => one('main tbody tr').textContent.startsWith('everybody'));
            return [told, row()].join('|');
            """);
        Assert.StartsWith("bob changed MAX_ROOMS for 'all' meanwhile, to revision 1", seen, StringComparison.Ordinal);
        Assert.Contains("|everybody 7 ", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stage_gets_a_value_of_its_own_in_spite_of_the_schema()
    {
        string seen = await VisitAsync("""
            location.hash = '#LIMITS';
            type('#author', 'ann');
            await press('Set a value');
            type('#scope', '');
            type('#edit .row input', 'stage:testing');
            type('#value', '{ "lobby": ');
            await press('Save');
            await until(() => one('#problems').textContent);
            type('#value', '{ "lobby": { "rate": "fast" } }');
            await press('Save');
            await until(() => one('#problems').textContent.startsWith('LIMITS.lobby.rate: '));
            one('#edit .check input').click();
            await press('Save');
            await saved(1);
            return row();
            """);
        Assert.StartsWith(
            "stage testing { \"lobby\": { \"rate\": \"fast\" } } LIMITS.lobby.rate: ", seen, StringComparison.Ordinal);
    }

    /// <summary>Makes a script of steps; it begins when the page has its list.</summary>
    internal static string Script(string steps) =>
        $"(async () => {{ {Steps} await until(() => one('#list a')); {steps} }})()";

    private static async Task<string> VisitAsync(string script, Func<ConfigProcess, Task<JsonObject>>? prepare = null)
    {
        Assert.SkipUnless(Browser.IsInstalled, "NOT RUN: Chromium is not installed; `make setup` installs it.");
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        if (prepare is not null) await prepare(service);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await Browser.VisitAsync(service.Page, Script(script), patience.Token);
    }
}
