internal import CLibraries

/// An environment variable of this process that is set again and again.
///
/// `setenv` keeps every value that it was ever given; this keeps one. It is removed with the
/// object.
@safe package final class ProcessVariable {
    private let name: String
    /// `NAME=value` and a zero, which the environment points to.
    private var text: UnsafeMutablePointer<CChar>
    private var capacity = 256

    /// Makes the variable, without a value so far.
    package init(_ name: String) {
        self.name = name
        unsafe text = .allocate(capacity: capacity)
    }

    deinit {
        set(nil)
        unsafe text.deallocate()
    }

    /// Gives it a value; `nil` removes it.
    package func set(_ value: String?) {
        // Its text is not to be written while the environment points to it.
        _ = unsafe unsetenv(name)
        guard let value else { return }
        let bytes = "\(name)=\(value)".utf8CString
        if bytes.count > capacity {
            capacity = bytes.count
            unsafe text.deallocate()
            unsafe text = .allocate(capacity: capacity)
        }
        for index in bytes.indices { unsafe text[index] = bytes[index] }
        // It fails for want of memory alone, and then there is no trace id.
        _ = unsafe putenv(text)
    }
}
