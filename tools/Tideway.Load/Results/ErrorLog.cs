namespace Tideway.Load.Results;

/// <summary>Counts errors, and keeps the first different texts. Safe from any thread.</summary>
internal sealed class ErrorLog
{
    private const int MostTexts = 10;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _texts = [];
    private long _others;

    /// <summary>The first text; null when there is none.</summary>
    public string? First
    {
        get
        {
            lock (_gate) return _texts.Keys.FirstOrDefault();
        }
    }

    public void Add(string text, long count = 1)
    {
        lock (_gate)
        {
            bool isKept = _texts.ContainsKey(text) || _texts.Count < MostTexts;
            if (isKept) _texts[text] = _texts.GetValueOrDefault(text) + count;
            else _others += count;
        }
    }

    /// <summary>Lists the texts, each with how often it was added.</summary>
    public Dictionary<string, long> ToDictionary()
    {
        lock (_gate)
        {
            var texts = new Dictionary<string, long>(_texts);
            if (_others > 0) texts["other errors"] = _others;
            return texts;
        }
    }
}
