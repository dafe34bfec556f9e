internal import CLibraries

/// The environment variables, passed in so that tests decide them.
package struct Environment {
    private let lookup: (String) -> String?

    package init(_ lookup: @escaping (String) -> String?) {
        self.lookup = lookup
    }

    /// The value of a variable; an empty one is missing.
    package subscript(name: String) -> String? {
        guard let value = lookup(name), !value.utf8.isEmpty else { return nil }
        return value
    }

    package static var process: Environment {
        Environment { name in
            guard let value = unsafe getenv(name) else { return nil }
            return unsafe String(cString: value)
        }
    }
}

/// An environment variable of this process that is set again and again.
///
/// `setenv` keeps every value that it was ever given; this keeps one. It is removed with the
/// object.
@safe package final class ProcessVariable {
    private let name: String
    /// `NAME=value` and a zero, which the environment points to.
    private var text: UnsafeMutablePointer<CChar>
    private var capacity = 256

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
