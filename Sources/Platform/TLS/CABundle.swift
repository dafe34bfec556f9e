internal import CLibraries

/// Where the certificates lie that TLS trusts.
enum CABundle {
    /// Where Linux distributions keep the bundle: Amazon Linux and Fedora (two), Debian and
    /// Alpine, and OpenSSL's own default.
    static let usualPaths = [
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/ssl/cert.pem",
    ]

    /// How TLS gets the certificates of a bundle.
    enum Trust {
        /// Each is looked up when a chain needs it.
        case store(CertificateStore)
        /// libcurl loads the whole file, and tells what is wrong with it.
        case file(String)

        /// The bundle in a file: looked up in, if it is nothing but plain certificates.
        init(path: String) {
            if let pem = CABundle.contents(of: path), let index = CertificateIndex(pem: pem),
                let store = CertificateStore(index)
            {
                self = .store(store)
            } else {
                self = .file(path)
            }
        }
    }

    /// Makes a handle's next transfer trust a request's own bundle or, without one, what the client
    /// trusts.
    ///
    /// libcurl keeps connections and TLS sessions of different bundles apart by its own options for
    /// them. A client has one store at most, and a request's own bundle goes through libcurl.
    static func setTrust(
        _ trust: Trust?,
        orOf own: [UInt8]?,
        of handle: borrowing CurlHandle
    ) throws(CurlFailure) {
        try handle.set(CURLOPT_CAINFO_BLOB, bytes: own)
        if own == nil, case .store(let store) = trust {
            return try store.setTrust(of: handle)
        }
        try CertificateStore.unsetTrust(of: handle)
        if case .file(let path) = trust {
            try handle.set(CURLOPT_CAINFO, path)
        } else {
            try handle.set(CURLOPT_CAINFO, nil)
        }
    }

    /// All bytes of a file; `nil` if it cannot be read.
    static func contents(of path: String) -> [UInt8]? {
        let file = unsafe fopen(path, "rb")
        guard let file = unsafe file else { return nil }
        defer { _ = unsafe fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let piece = 256 * 1024
            var count = 0
            let read = unsafe [UInt8](unsafeUninitializedCapacity: piece) { buffer, initialized in
                unsafe count = fread(buffer.baseAddress, 1, piece, file)
                initialized = count
            }
            if bytes.isEmpty { bytes = read } else { bytes += read }
            guard count == piece else { return unsafe ferror(file) == 0 ? bytes : nil }
        }
    }

    /// The first of the paths that can be read.
    static func firstReadable(of paths: [String]) -> String? {
        for path in paths where unsafe access(path, R_OK) == 0 {
            return path
        }
        return nil
    }
}
