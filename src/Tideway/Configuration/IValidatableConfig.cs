namespace Tideway.Configuration;

/// <summary>Lets a config record check more than each option by itself.</summary>
public interface IValidatableConfig
{
    /// <summary>Checks options against each other; runs only when each of them is right by itself.</summary>
    /// <param name="section">Receives the problems.</param>
    public void Validate(ConfigValidation section);
}
