internal import CLibraries

package enum Exit {
    /// Ends the process at once with a status, 0 for success.
    package static func now(status: Int) -> Never {
        exit(Int32(truncatingIfNeeded: status))
    }

    /// From now on SIGTERM ends the process at once with status 0.
    ///
    /// - Returns: Whether the handler could be installed.
    package static func atOnceOnSIGTERM() -> Bool {
        pointsman_exit_on_sigterm() == 0
    }

    /// From now on a write to a connection that the other side closed is an error to its
    /// caller and no longer the end of the process: OpenSSL writes without MSG_NOSIGNAL.
    static func ignoreBrokenPipes() {
        // Fails for an unknown signal only (sigaction(2)).
        _ = pointsman_ignore_sigpipe()
    }
}

package enum StandardError {
    /// Writes all of the bytes, with one write(2) where the system takes them at once.
    ///
    /// A failure is ignored: it could only be reported here.
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
