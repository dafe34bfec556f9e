internal import Codec

extension Glob {
    /// A pattern that was probably meant otherwise.
    struct Slip: Equatable {
        var kind: RuleOversight.Kind
        var message: String
        /// The pattern that was probably meant.
        var suggestion: String?
    }

    /// What in the pattern looks like another language's, in a list of that name.
    func slip(in list: String) -> Slip? {
        let bytes = text.bytes
        let trimmed = bytes[...].trimmed
        if trimmed.count < bytes.count {
            return slip("begins or ends with a blank, which counts", instead: [UInt8](trimmed))
        }
        if bytes.first == UInt8(ascii: "!") {
            let name = list.utf8.starts(with: "Exclude".utf8) ? list : "Exclude" + list
            return slip("'!' is a plain character here; what is not to match goes to \(name)")
        }
        if let index = indexOfSeparator(bytes) {
            var instead = bytes
            for index in index..<instead.count where instead[index] == UInt8(ascii: "\\") {
                instead[index] = UInt8(ascii: "/")
            }
            return slip(
                "'\\' makes the next character plain: what separates segments is '/'",
                instead: instead
            )
        }
        if list.utf8.elementsEqual("Paths".utf8) || list.utf8.elementsEqual("ExcludePaths".utf8) {
            return slipOfPath(bytes)
        }
        for (name, beginning) in [("Branches", "refs/heads/"), ("Tags", "refs/tags/")]
        where list.utf8.elementsEqual(name.utf8) || list.utf8.elementsEqual("Exclude\(name)".utf8) {
            guard bytes.starts(with: beginning.utf8) else { continue }
            return slip(
                "a name is compared without '\(beginning)'",
                instead: [UInt8](bytes.dropFirst(beginning.utf8.count))
            )
        }
        return nil
    }

    private func slipOfPath(_ bytes: [UInt8]) -> Slip? {
        for (beginning, what) in [("/", "'/'"), ("./", "'./'"), ("../", "'../'")]
        where bytes.starts(with: beginning.utf8) {
            return slip(
                "matches no path: none begins with \(what), being relative to the repository's root",
                instead: beginning.utf8.count == 3
                    ? nil : [UInt8](bytes.dropFirst(beginning.utf8.count))
            )
        }
        if bytes.last == UInt8(ascii: "/") {
            return slip("matches no path: none ends with '/'", instead: bytes + [UInt8]("**".utf8))
        }
        if zip(bytes, bytes.dropFirst()).contains(where: { $0 == slashByte && $1 == slashByte }) {
            return slip("matches no path: none holds '//'")
        }
        guard middle == .withinSegment, tail.isEmpty, head.isEmpty || head.last == slashByte else {
            return nil
        }
        let folder = head.isEmpty ? "the root" : "'\(String(decoding: head, as: UTF8.self))'"
        var slip = slip(
            "matches the files that lie in \(folder) itself, none in a folder below",
            instead: bytes + [UInt8(ascii: "*")]
        )
        slip.kind = .shallow
        return slip
    }

    private func slip(_ message: String, instead bytes: [UInt8]? = nil) -> Slip {
        let suggestion = bytes.map { String(decoding: $0, as: UTF8.self) }
        return Slip(kind: .slip, message: message, suggestion: suggestion)
    }

    private var slashByte: UInt8 { UInt8(ascii: "/") }

    /// The first backslash before a letter or digit, which needs none to be plain.
    private func indexOfSeparator(_ bytes: [UInt8]) -> Int? {
        var index = 0
        while index + 1 < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            let next = bytes[index + 1]
            if (0x30...0x39).contains(next) || (0x61...0x7A).contains(lowercased(next)) {
                return index
            }
            index += 2
        }
        return nil
    }
}
