import ArgumentParser

/// Why a command could not be done, in one sentence for people: what was being done, to what, why.
struct Failure: Error, Equatable, CustomStringConvertible {
    /// The sentence: lower case, no full stop.
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

extension ExitCode {
    /// Done, and something is wrong with what was looked at.
    static let found = ExitCode(1)
    /// It could not be done.
    static let undone = ExitCode(2)
}
