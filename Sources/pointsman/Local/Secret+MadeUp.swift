import Platform

extension Secret {
    /// 128 random bits in hexadecimal digits.
    static func madeUp() -> Secret {
        let random = Randomness.system
        return Secret(String(random.next(), radix: 16) + String(random.next(), radix: 16))
    }
}
