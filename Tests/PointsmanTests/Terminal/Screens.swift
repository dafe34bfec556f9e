@testable import pointsman

extension Terminal {
    /// The terminals that output is kept for, by the end of the file's name.
    static let kept: [(name: String, terminal: Terminal)] = [
        ("80.txt", Terminal(width: 80, hasColor: false)),
        ("120.txt", Terminal(width: 120, hasColor: false)),
        ("color.txt", Terminal(width: 80, hasColor: true)),
        ("pipe.txt", .none),
    ]
}
