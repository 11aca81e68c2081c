using System.Globalization;
using System.Text;

namespace Tideway.Load.Results;

/// <summary>Draws one line over a grid, from 0 up, as SVG.</summary>
internal sealed class SvgPlot(double maxX, double maxY)
{
    private const int Width = 720;
    private const int Height = 280;
    private const int Left = 70;
    private const int Bottom = 25;
    private const int Margin = 20;
    private static readonly double[] _roundSteps = [1, 2, 4, 5, 8, 10];
    private readonly StringBuilder _grid = new();
    private readonly double _top = RoundUp(maxY);

    /// <summary>Names a place of the horizontal axis.</summary>
    public void MarkX(double x, string name)
    {
        AppendLine(X(x), Y(0), X(x), Y(_top));
        AppendText(X(x), Height - 6, name, "text-anchor=\"middle\"");
    }

    public string Draw(IEnumerable<(double X, double Y)> points)
    {
        for (int i = 0; i <= 4; i++)
        {
            double value = _top * i / 4;
            AppendLine(Left, Y(value), Width - Margin, Y(value));
            string name = value.ToString("#,0.##", CultureInfo.InvariantCulture);
            AppendText(Left - 6, Y(value), name, "text-anchor=\"end\" dominant-baseline=\"middle\"");
        }

        string line = string.Join(' ', points.Select(point => $"{Number(X(point.X))},{Number(Y(point.Y))}"));
        return $"""
            <svg viewBox="0 0 {Width} {Height}" role="img">
            {_grid}<polyline class="line" points="{line}"/>
            </svg>

            """;
    }

    private void AppendLine(double x1, double y1, double x2, double y2) => _grid.Append(
        CultureInfo.InvariantCulture,
        $"<line class=\"grid\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"/>\n");

    private void AppendText(double x, double y, string text, string attributes) => _grid.Append(
        CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" {attributes}>{text}</text>\n");

    private double X(double x) => Left + (Width - Left - Margin) * x / maxX;

    private double Y(double y) => Height - Bottom - (Height - Bottom - Margin) * y / _top;

    /// <summary>The next round number.</summary>
    private static double RoundUp(double value)
    {
        if (value <= 0) return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return _roundSteps.Select(step => step * power).First(step => step >= value * 0.999999);
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
