import Codec

/// Takes out of texts what would let others in: a presigned URL, a password in a URL, a token.
///
/// Records have none of these: a sender's text, or a server's answer, might.
enum Redaction {
    static let words = "[left out: a secret]"

    static func clean(_ text: String) -> String {
        guard mayHoldSecret(text) else { return text }
        // Whether the words before say that a secret follows.
        var isAnnounced = false
        return text.split(separator: " ", omittingEmptySubsequences: false)
            .map { word in
                if isAnnounced, word.isEmpty || word == "=" || word == ":" { return String(word) }
                let isSecret = isSecret(word) || (isAnnounced && word.contains(/[\w+\/.~-]{8,}/))
                isAnnounced = announces(word)
                return isSecret ? words : String(word)
            }
            .joined(separator: " ")
    }

    static func clean(_ json: JSON) -> JSON {
        switch json {
        case .string(let text): .string(clean(text))
        case .array(let elements): .array(elements.map(clean))
        case .object(let members):
            .object(members.map { JSON.Member(key: clean($0.key), value: clean($0.value)) })
        case .null, .bool, .number: json
        }
    }

    /// What secrets without any of `=`, `@` and `_` begin with, or have before them: of `Bearer` and
    /// `Basic` the ends, since case does not count.
    private static let beginnings = [
        "AKIA", "ASIA", "pat-", "xapp", "arer", "ARER", "asic", "ASIC",
    ]
    .map { text in text.utf8.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
    private static let shortBeginnings = ["eyJ", "xox"].map { text in
        text.utf8.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    /// `gl`, which GitLab's begin with.
    private static let ofGitLab = UInt32(0x676C)

    /// Quick, so that every text can be looked at: all secrets have one of these in them.
    private static func mayHoldSecret(_ text: String) -> Bool {
        guard text.utf8.count >= 16 else { return false }
        var last: UInt32 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: "_"): return true
            default: break
            }
            last = last << 8 | UInt32(byte)
            if last & 0xFFFF == ofGitLab || shortBeginnings.contains(last & 0xFF_FFFF)
                || beginnings.contains(last)
            {
                return true
            }
        }
        return false
    }

    /// The names of AWS's secrets, as profiles and environments have them.
    private static func namesSecret(_ word: Substring) -> Bool {
        word.contains(/(?i:aws_?secret_?access_?key|aws_?session_?token)/)
    }

    /// Whether the next word is a secret: `Authorization: Bearer …`, `aws_secret_access_key = …`.
    private static func announces(_ word: Substring) -> Bool {
        word.contains(/(?i:^["']?(authorization:["']?)?(bearer|basic)$)/)
            || (namesSecret(word) && word.contains(/\w["']?[=:]?$/)
                && !word.contains(/[=:]["']?\w/))
    }

    private static func isSecret(_ word: Substring) -> Bool {
        word.contains(/(?i:x-amz-(signature|credential|security-token)=)|[?&]Signature=/)
            // A password in a URL, or a token in the place of a user's name.
            || word.contains(/:\/\/[^\/@]+:[^\/@]+@|:\/\/[^\/@:]{16,}@/)
            || word.contains(
                /gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|gl[a-z]{2,5}-[A-Za-z0-9_-]{15,}/
            )
            || word.contains(
                /dckr_(pat|oat)_[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}|(xox[a-z]|xapp)-[A-Za-z0-9-]{10,}/
            )
            || word.contains(/\b(AKIA|ASIA)[A-Z0-9]{16}\b/)
            // A JSON Web Token: header, claims and signature (RFC 7519).
            || word.contains(/\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/)
            || (namesSecret(word) && word.contains(/[=:]["']?\w{8,}/))
    }
}
