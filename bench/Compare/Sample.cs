using System.Text.Json.Nodes;

namespace Compare;

/// <summary>What one measurement found.</summary>
/// <param name="Experiment">The key of the experiment.</param>
/// <param name="Cell">The cell, counted from 0.</param>
/// <param name="Peer">The key of the peer.</param>
/// <param name="Repeat">The repetition, counted from 1: figures of one repetition are what is compared.</param>
/// <param name="Value">The figure.</param>
/// <param name="Details">All that was found out beside it.</param>
public sealed record Sample(string Experiment, int Cell, string Peer, int Repeat, double Value, JsonObject Details);
