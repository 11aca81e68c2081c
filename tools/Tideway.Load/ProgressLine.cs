using Tideway.Load.Results;

namespace Tideway.Load;

/// <summary>Shows on the terminal how a run gets on, once a second; elsewhere only if that was asked for.</summary>
internal sealed class ProgressLine(TextWriter output, bool isTerminal, bool isWanted)
{
    private int _lastSecond;

    public void Show(string text)
    {
        if (isTerminal) output.Write($"\r\e[K{text}");
        else if (isWanted) output.WriteLine(text);
    }

    public void Show(Sample sample, LoadOptions options)
    {
        if ((int)sample.Seconds == _lastSecond) return;
        _lastSecond = (int)sample.Seconds;
        string time = FormattableString.Invariant($"{sample.Seconds:0} of {options.DurationSeconds} s");
        string rate = FormattableString.Invariant($": {sample.PerSecond:N0} {options.Operations}/s");
        Show(options.Workload == "idle" ? time : time + rate);
    }

    public void Clear()
    {
        if (isTerminal) output.Write("\r\e[K");
    }
}
