import Platform
import Testing

@Suite struct ConstantTimeTests {
    @Test(
        arguments: [
            ([], [], true),
            ([1], [1], true),
            ([1, 2, 3], [1, 2, 3], true),
            ([1, 2, 3], [1, 2, 4], false),
            ([0, 2, 3], [1, 2, 3], false),
            ([1, 2], [1, 2, 3], false),
            ([], [0], false),
        ] as [([UInt8], [UInt8], Bool)]
    )
    func `byte strings are equal when all of their bytes are`(
        one: [UInt8],
        other: [UInt8],
        expected: Bool
    ) {
        #expect(constantTimeEquals(one, other) == expected)
    }
}
