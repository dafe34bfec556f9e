internal import CLibraries

/// The environment variables, passed in so that tests decide them.
package struct Environment {
    private let lookup: (String) -> String?

    /// Makes an environment of a closure.
    package init(_ lookup: @escaping (String) -> String?) {
        self.lookup = lookup
    }

    /// The value of a variable; an empty one is missing.
    package subscript(name: String) -> String? {
        guard let value = lookup(name), !value.utf8.isEmpty else { return nil }
        return value
    }

    /// The environment of this process.
    package static var process: Environment {
        Environment { name in
            guard let value = unsafe getenv(name) else { return nil }
            return unsafe String(cString: value)
        }
    }
}
