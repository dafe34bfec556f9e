internal import CLibraries

/// The environment variables, passed in so that tests decide them.
public struct Environment {
    private let lookup: (String) -> String?

    /// Makes an environment of a closure.
    public init(_ lookup: @escaping (String) -> String?) {
        self.lookup = lookup
    }

    /// The value of a variable; an empty one is missing.
    public subscript(name: String) -> String? {
        guard let value = lookup(name), !value.utf8.isEmpty else { return nil }
        return value
    }

    /// The environment of this process.
    public static var process: Environment {
        Environment { name in
            guard let value = unsafe getenv(name) else { return nil }
            return unsafe String(cString: value)
        }
    }
}
