internal import CLibraries

/// A regular expression (PCRE2), matched at the start of a subject as Python's `re.match` does.
///
/// Pattern and subject are UTF-8; `\w`, `\d`, `\s` and case follow Unicode. Where PCRE2 differs
/// from Python's `re`: `\Z` also matches before a final line feed (`\z` is the very end),
/// `{,3}` is plain text (write `{0,3}`), `\u00e9` is refused (write `\x{e9}`), and `\C` is
/// refused. No pattern can hang it: the search is given up after a bounded amount of work.
@safe public final class Expression: @unchecked Sendable {
    /// How a match ended.
    public enum Result: Equatable, Sendable {
        /// The subject begins with what the expression describes.
        case match
        /// It does not, or the subject is not UTF-8.
        case noMatch
        /// The search was given up: the expression is too dear on this subject.
        case limitExceeded
    }

    // Only read once it is compiled, which is why it may be shared between threads.
    private let code: OpaquePointer

    /// Compiles a pattern.
    ///
    /// Not with the JIT: compiling takes 30 times as long with it, and a rule's expressions are
    /// mostly used on few paths.
    public init(_ pattern: String) throws(ExpressionError) {
        var pattern = pattern
        var status: CInt = 0
        var offset = 0
        let options = PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_NEVER_BACKSLASH_C
        let code = pattern.withUTF8 { pattern in
            unsafe pcre2_compile_8(
                pattern.baseAddress,
                pattern.count,
                options,
                &status,
                &offset,
                nil
            )
        }
        guard let code = unsafe code else {
            throw ExpressionError(reason: Self.message(of: status), offset: offset)
        }
        unsafe self.code = code
    }

    deinit {
        unsafe pcre2_code_free_8(code)
    }

    /// How long a search may go on.
    public enum Effort: Sendable {
        /// Some 40 µs: more than a plain pattern takes on a path.
        case usual
        /// Some 2 ms: enough for `(a|b)*` on the longest path.
        case great
    }

    /// Matches at the start of a subject, which is UTF-8.
    public func match(_ subject: [UInt8], _ effort: Effort = .great) -> Result {
        match(subject.span, effort)
    }

    /// Matches at the start of a subject, which is UTF-8.
    public func match(_ subject: Span<UInt8>, _ effort: Effort = .great) -> Result {
        // Nobody asks where it matched: room for one pair of offsets is the least there is. It is
        // made anew for every match since it keeps the memory of the search, 20 KB and more.
        let shared = effort == .usual ? MatchLimits.usual : MatchLimits.great
        guard let limits = unsafe shared.context,
            let data = unsafe pcre2_match_data_create_8(1, nil)
        else { return .limitExceeded }
        defer { unsafe pcre2_match_data_free_8(data) }
        let status = unsafe subject.withUnsafeBufferPointer { subject in
            unsafe pcre2_match_8(code, subject.baseAddress, subject.count, 0, 0, data, limits)
        }
        switch status {
        case 0...: return .match
        case PCRE2_ERROR_NOMATCH: return .noMatch
        // The subject is not UTF-8 (pcre2unicode(3), validity of UTF strings).
        case PCRE2_ERROR_UTF8_ERR21...PCRE2_ERROR_UTF8_ERR1: return .noMatch
        default: return .limitExceeded
        }
    }

    private static func message(of status: CInt) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let length = unsafe text.withUnsafeMutableBufferPointer { text in
            unsafe pcre2_get_error_message_8(status, text.baseAddress, text.count)
        }
        guard length > 0 else { return "malformed expression" }
        return String(decoding: text[..<Int(length)], as: UTF8.self)
    }
}

/// Why a pattern is not an expression.
public struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The reason in PCRE2's own words.
    public var reason: String
    /// Where in the pattern, in UTF-8 bytes from 0.
    public var offset: Int

    /// `missing closing parenthesis at offset 4`.
    public var description: String { "\(reason) at offset \(offset)" }
}

/// How much a search may cost, the same for all expressions.
@safe private final class MatchLimits: @unchecked Sendable {
    static let usual = MatchLimits(steps: 1_000)
    static let great = MatchLimits(steps: 50_000)

    let context: OpaquePointer?

    private init(steps: UInt32) {
        unsafe context = pcre2_match_context_create_8(nil)
        guard let context = unsafe context else { return }
        unsafe pcre2_set_match_limit_8(context, steps)
        // How deep the search may go, and its memory in KiB: enough for `(a|b)*` on a path of
        // 4,096 bytes, the longest that Linux has.
        unsafe pcre2_set_depth_limit_8(context, 10_000)
        unsafe pcre2_set_heap_limit_8(context, 2_048)
    }
}
