using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Opcodes that mean nothing.</summary>
internal static class OpcodeCases
{
    public static IEnumerable<Case> All()
    {
        foreach (int opcode in new[] { 3, 4, 5, 6, 7, 11, 12, 13, 14, 15 })
        {
            var empty = new Frame(opcode, []);
            var full = new Frame(opcode, [1, 2, 3]);
            yield return new("5.2", $"The reserved opcode {opcode:X} fails the connection", c => c
                .Send(full).ExpectFailure(1002));
            yield return new("5.2", $"The reserved opcode {opcode:X} without a payload fails the connection", c => c
                .Send(empty).ExpectFailure(1002));
            yield return new("5.2", $"The reserved opcode {opcode:X} of a fragment fails the connection", c => c
                .Send(full.Unfinished()).ExpectFailure(1002));
            yield return new("5.2", $"The reserved opcode {opcode:X} fails the connection at its first byte", c => c
                .SendFirstBytes(full, 1).ExpectFailure(1002));
            yield return new("5.2", $"The reserved opcode {opcode:X} with a length of 2^40 fails before it", c => c
                .SendBegun(empty with { DeclaredLength = 1UL << 40, Form = LengthForm.SixtyFourBits }, 0)
                .ExpectFailure(1002));
            yield return new("5.2", $"The reserved opcode {opcode:X} inside a message fails the connection", c => c
                .Send(Frame.Text("begun").Unfinished(), full).ExpectFailure(1002));
            yield return new("5.2", $"What came before the reserved opcode {opcode:X} was answered", c => c
                .Send(Frame.Text("before")).ExpectText("before").Send(full, Frame.Ping("behind"))
                .ExpectFailure(1002));
            for (int bits = 1; bits < 8; bits++)
            {
                int reserved = bits;
                yield return new("5.2", $"The reserved opcode {opcode:X} with the reserved bits {bits} fails", c => c
                    .Send(full with { Reserved = reserved }).ExpectFailure(1002));
            }
        }
    }
}
