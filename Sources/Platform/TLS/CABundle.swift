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
            if let file = BundleFile(path: path), let index = CertificateIndex(file),
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

    /// The first of the paths that can be read.
    static func firstReadable(of paths: [String]) -> String? {
        for path in paths where unsafe access(path, R_OK) == 0 {
            return path
        }
        return nil
    }
}

/// A bundle's file, which stays open: a file that another one takes the place of is still read.
@safe final class BundleFile {
    private let file: UnsafeMutablePointer<FILE>

    /// `nil` if it cannot be opened.
    init?(path: String) {
        guard let file = unsafe fopen(path, "rbe") else { return nil }
        unsafe self.file = file
        // It is read into memory of its own anyway.
        guard unsafe setvbuf(file, nil, _IONBF, 0) == 0 else {
            _ = unsafe fclose(file)
            return nil
        }
    }

    deinit {
        _ = unsafe fclose(file)
    }

    /// Appends the next bytes of the file, as many as are wanted if it has them.
    ///
    /// - Returns: How many there were, 0 at the file's end; `nil` if they cannot be read.
    func read(_ wanted: Int, onto bytes: inout [UInt8]) -> Int? {
        var count = 0
        bytes.append(addingCapacity: wanted) { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
                unsafe count = fread(buffer.baseAddress, 1, wanted, file)
                filled += count
            }
        }
        return unsafe ferror(file) == 0 ? count : nil
    }

    /// The bytes of a part of the file; `nil` if it does not have them, or they cannot be read.
    func bytes(at place: Range<Int>) -> [UInt8]? {
        var bytes: [UInt8] = []
        guard unsafe fseek(file, place.lowerBound, SEEK_SET) == 0,
            read(place.count, onto: &bytes) == place.count
        else { return nil }
        return bytes
    }
}
