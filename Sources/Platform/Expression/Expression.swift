internal import CLibraries

/// A regular expression (PCRE2), matched at the start of a subject as Python's `re.match` does.
///
/// Pattern and subject are UTF-8; `\w`, `\d`, `\s` and case follow Unicode. Where PCRE2 differs
/// from Python's `re`: `\Z` also matches before a final line feed (`\z` is the very end),
/// `{,3}` is plain text (write `{0,3}`), `\u00e9` is refused (write `\x{e9}`), and `\C` is
/// refused. No pattern can hang it: the search is given up after a bounded amount of work.
@safe package final class Expression: @unchecked Sendable {
    package enum Result: Equatable, Sendable {
        /// The subject begins with what the expression describes.
        case match
        /// It does not, or the subject is not UTF-8.
        case noMatch
        /// The search was given up: the expression is too slow on this subject.
        case limitExceeded
    }

    // Only read once it is compiled, which is why it may be shared between threads.
    private let code: OpaquePointer
    /// What PCRE2 keeps for it, in bytes (PCRE2_INFO_SIZE).
    ///
    /// One expression has 64 KiB at the most: PCRE2 refuses a larger one (with links of 2 bytes, as
    /// it is built).
    package let size: Int

    /// Compiles a pattern.
    ///
    /// Not with the JIT: compiling takes 30 times as long with it, and a rule's expressions are
    /// mostly used on few paths.
    package init(_ pattern: String) throws(ExpressionError) {
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
        var size = 0
        // Cannot fail: the pointers are valid (pcre2_pattern_info(3)).
        _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_SIZE), &size)
        self.size = size
    }

    deinit {
        unsafe pcre2_code_free_8(code)
    }

    /// Matches at the start of a subject, which is UTF-8, with as many steps as it may ever take.
    package func match(_ subject: [UInt8]) -> Result {
        match(subject.span)
    }

    /// Matches at the start of a subject, which is UTF-8, with as many steps as it may ever take.
    package func match(_ subject: Span<UInt8>) -> Result {
        var steps = Int(MatchLimits.largest) * 2
        return match(subject, &steps)
    }

    /// Matches at the start of a subject, which is UTF-8.
    ///
    /// PCRE2 counts the steps of a search (its match limit) but does not tell how many it took. So
    /// a search starts with a small limit, which is raised fourfold while it is too small. The
    /// limits that it was given count as the steps that it took.
    ///
    /// - Parameter steps: How many it may take; those that it was given are subtracted. If they are
    ///   too few, the search is given up, and they are below 0.
    package func match(_ subject: Span<UInt8>, _ steps: inout Int) -> Result {
        // Looking for what must be there reads the subject without counting.
        steps -= subject.count / 64
        for limits in MatchLimits.all {
            steps -= Int(limits.steps)
            guard steps >= 0 else { return .limitExceeded }
            let status = match(subject, limits)
            switch status {
            case 0...: return .match
            case PCRE2_ERROR_NOMATCH: return .noMatch
            // The subject is not UTF-8 (pcre2unicode(3), validity of UTF strings).
            case PCRE2_ERROR_UTF8_ERR21...PCRE2_ERROR_UTF8_ERR1: return .noMatch
            case PCRE2_ERROR_MATCHLIMIT: continue
            // It needs more depth or memory than any may have.
            default:
                steps = -1
                return .limitExceeded
            }
        }
        steps = -1
        return .limitExceeded
    }

    private func match(_ subject: Span<UInt8>, _ limits: MatchLimits) -> CInt {
        // Where it matched is not needed: room for one pair of offsets is the minimum. It is
        // made anew for every match since it keeps the memory of the search, 20 KB and more.
        guard let context = unsafe limits.context,
            let data = unsafe pcre2_match_data_create_8(1, nil)
        else { return PCRE2_ERROR_NOMEMORY }
        defer { unsafe pcre2_match_data_free_8(data) }
        return unsafe subject.withUnsafeBufferPointer { subject in
            unsafe pcre2_match_8(code, subject.baseAddress, subject.count, 0, 0, data, context)
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
package struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The reason in PCRE2's own words.
    package var reason: String
    /// Where in the pattern, in UTF-8 bytes from 0.
    package var offset: Int

    /// `missing closing parenthesis at offset 4`.
    package var description: String { "\(reason) at offset \(offset)" }
}

/// How much a search may cost, the same for all expressions.
@safe private final class MatchLimits: @unchecked Sendable {
    /// The most steps of one search: half of what matching a rule may take.
    static let largest: UInt32 = 64 << 14
    /// 64 steps, which is more than most expressions take on a path, and four times as many up to
    /// the most.
    static let all = stride(from: 0, through: 14, by: 2).map { MatchLimits(steps: 64 << $0) }

    let steps: UInt32
    let context: OpaquePointer?

    private init(steps: UInt32) {
        self.steps = steps
        unsafe context = pcre2_match_context_create_8(nil)
        guard let context = unsafe context else { return }
        unsafe pcre2_set_match_limit_8(context, steps)
        // How deep the search may go, and its memory in KiB: enough for `(a|b)*` on a path of
        // 4,096 bytes, the longest that Linux has.
        unsafe pcre2_set_depth_limit_8(context, 10_000)
        unsafe pcre2_set_heap_limit_8(context, 2_048)
    }
}
