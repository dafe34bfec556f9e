/// Evaluates an expression; if it throws, throws what a closure makes of its error.
package func mapError<Value, Failure: Error, Mapped: Error>(
    _ value: @autoclosure () throws(Failure) -> Value,
    _ convert: (Failure) -> Mapped
) throws(Mapped) -> Value {
    do throws(Failure) {
        return try value()
    } catch {
        throw convert(error)
    }
}
