/// What a text is put together from, in two functions that are called and never inlined: the
/// library's own are inlined at each of hundreds of places, which is a tenth of the program.
extension DefaultStringInterpolation {
    @inline(never)
    package mutating func appendInterpolation(_ value: String) {
        appendLiteral(value)
    }

    @inline(never)
    package mutating func appendInterpolation(_ value: Int) {
        appendLiteral(String(value))
    }
}
