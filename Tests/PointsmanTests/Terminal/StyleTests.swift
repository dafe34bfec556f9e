import Testing

@testable import pointsman

struct StyleTests {
    @Test(arguments: [
        (Terminal(width: 80, hasColor: true), "\u{1B}[31mno\u{1B}[0m"),
        (Terminal.none, "no"),
    ])
    func `text is styled where there are colours`(terminal: Terminal, text: String) {
        #expect(terminal.styled("no", .red) == text)
    }

    @Test(arguments: [
        (ColorChoice.always, [:], true),
        (.always, ["NO_COLOR": "1"], true),
        (.never, [:], false),
        (.auto, ["NO_COLOR": "1"], false),
        (.auto, ["TERM": "dumb"], false),
    ])
    func `colours are there when asked for`(
        choice: ColorChoice,
        environment: [String: String],
        hasColor: Bool
    ) {
        let terminal = Terminal.standardOutput(choice, environment: environment)
        #expect(terminal.hasColor == hasColor)
    }
}
