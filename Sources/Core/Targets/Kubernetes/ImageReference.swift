internal import Codec

/// The name of a container image, as Docker's and Kubernetes' tools read it
/// (https://pkg.go.dev/github.com/distribution/reference).
struct ImageReference: Equatable, Sendable {
    /// The name as written: `octo/app:1.2`.
    let text: String
    /// The repository with what is left out of it: `docker.io/octo/app`.
    let repository: String
    let tag: String?
    /// The digest, where there is one: `sha256:…`.
    let digest: String?

    /// Reads a name; `nil` where it is not one.
    init?(_ text: String) {
        self.text = text
        let bytes = Array(text.utf8)
        var name = bytes[...]
        var digest: ArraySlice<UInt8>?
        if let at = bytes.firstIndex(of: UInt8(ascii: "@")) {
            digest = bytes[(at + 1)...]
            name = bytes[..<at]
        }
        var tag: ArraySlice<UInt8>?
        let lastSegment = (name.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1
        if let colon = name[lastSegment...].firstIndex(of: UInt8(ascii: ":")) {
            tag = name[(colon + 1)...]
            name = name[..<colon]
        }
        guard let repository = Self.repository(name), tag.map(Self.isTag) ?? true,
            digest.map(Self.isDigest) ?? true
        else { return nil }
        self.repository = repository
        self.tag = tag.map { String(decoding: $0, as: UTF8.self) }
        self.digest = digest.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether both name the same image: `app:1` is `docker.io/library/app:1`, and `app` is
    /// `app:latest`.
    func isSame(as other: ImageReference) -> Bool {
        isOfSameRepository(as: other) && wholeTag.utf8.elementsEqual(other.wholeTag.utf8)
            && (digest ?? "").utf8.elementsEqual((other.digest ?? "").utf8)
    }

    /// Whether both are of the same repository.
    func isOfSameRepository(as other: ImageReference) -> Bool {
        repository.utf8.elementsEqual(other.repository.utf8)
    }

    private var wholeTag: String { tag ?? (digest == nil ? "latest" : "") }

    /// The repository of a name without tag and digest, with the registry that is meant where none
    /// is named; `nil` where it is not one.
    private static func repository(_ name: ArraySlice<UInt8>) -> String? {
        guard name.count <= 255 else { return nil }
        var parts = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
        var registry = "docker.io"
        if parts.count > 1, let first = parts.first, isRegistry(first) {
            registry = String(decoding: first, as: UTF8.self)
            if registry == "index.docker.io" { registry = "docker.io" }
            parts.removeFirst()
        }
        guard parts.allSatisfy(isPathPart) else { return nil }
        let path = parts.map { String(decoding: $0, as: UTF8.self) }
        let isLibrary = registry == "docker.io" && path.count == 1
        return ([registry] + (isLibrary ? ["library"] : []) + path).joined("/")
    }

    /// The first part of a name is a registry where it looks like a host.
    private static func isRegistry(_ part: ArraySlice<UInt8>) -> Bool {
        let looksLikeHost =
            part.contains(UInt8(ascii: ".")) || part.contains(UInt8(ascii: ":"))
            || part.elementsEqual("localhost".utf8) || part.contains { $0.isASCIIUppercase }
        return looksLikeHost
            && part.allSatisfy { $0.isASCIILetterOrDigit || "-._:[]".utf8.contains($0) }
    }

    /// Lower-case letters and digits, with `.`, `_`, `__` or hyphens between.
    private static func isPathPart(_ part: ArraySlice<UInt8>) -> Bool {
        guard let first = part.first, let last = part.last, isAlphanumeric(first),
            isAlphanumeric(last)
        else { return false }
        let runs = part.split(omittingEmptySubsequences: true) { isAlphanumeric($0) }
        return runs.allSatisfy { run in
            run.elementsEqual(".".utf8) || run.elementsEqual("_".utf8)
                || run.elementsEqual("__".utf8) || run.allSatisfy { $0 == UInt8(ascii: "-") }
        }
    }

    private static func isTag(_ tag: ArraySlice<UInt8>) -> Bool {
        guard let first = tag.first, tag.count <= 128 else { return false }
        return !".-".utf8.contains(first)
            && tag.allSatisfy { $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) }
    }

    /// `sha256:` and hexadecimal digits, at least 32 of them.
    private static func isDigest(_ digest: ArraySlice<UInt8>) -> Bool {
        let parts = digest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let first = parts[0].first else { return false }
        return first.isASCIILetter
            && parts[0].allSatisfy { $0.isASCIILetterOrDigit || "-_+.".utf8.contains($0) }
            && parts[1].count >= 32
            && parts[1].allSatisfy {
                $0.isASCIIDigit || (0x61...0x66).contains($0.asciiLowercased)
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte.isASCIILetterOrDigit && !byte.isASCIIUppercase
    }
}
