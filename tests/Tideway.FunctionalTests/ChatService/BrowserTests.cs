namespace Tideway.FunctionalTests.ChatService;

/// <summary>Opens the page of the sample in a real browser, where <c>make setup</c> has installed one.</summary>
public sealed class BrowserTests
{
    /// <summary>Types into the page and presses the button, as a visitor does, and waits for what comes back.</summary>
    private const string Visit = """
        (async () => {
          const appears = async selector => {
            while (!document.querySelector(selector)) await new Promise(resolve => setTimeout(resolve, 20));
            return document.querySelector(selector).textContent;
          };
          const state = await appears('#state.open');
          document.querySelector('input').value = 'Ahoy, tide: ≋ <b>';
          document.querySelector('button').click();
          return `${state}: ${await appears('.received')}`;
        })()
        """;

    [Fact]
    public async Task The_page_connects_and_shows_what_comes_back()
    {
        Assert.SkipUnless(Browser.IsInstalled, "NOT RUN: Chromium is not installed; `make setup` installs it.");
        await using ChatProcess service = await ChatProcess.StartAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string seen = await Browser.VisitAsync(new Uri($"http://127.0.0.1:{service.Port}/"), Visit, patience.Token);
        Assert.Equal("connected: Ahoy, tide: ≋ <b>", seen);
    }
}
