internal import CLibraries

/// Standard error, where log lines go.
package enum StandardError {
    /// Writes all of the bytes, with one write(2) where the system takes them at once.
    ///
    /// There is nobody to tell that it failed.
    package static func write(_ bytes: [UInt8]) {
        write(bytes, to: STDERR_FILENO)
    }

    static func write(_ bytes: [UInt8], to descriptor: CInt) {
        unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes[...]
            while unsafe !rest.isEmpty {
                let part = unsafe UnsafeRawBufferPointer(rebasing: rest)
                let count = unsafe CLibraries.write(descriptor, part.baseAddress, part.count)
                if count < 0, pointsman_errno() == EINTR { continue }
                guard count > 0 else { return }
                unsafe rest = rest.dropFirst(count)
            }
        }
    }
}
