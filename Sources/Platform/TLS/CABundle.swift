internal import CLibraries

/// The certificates that TLS trusts: where they are, and how libcurl gets them.
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

        /// The file was overwritten since: the bundle has to be read anew.
        var isOutdated: Bool {
            if case .store(let store) = self { store.isOutdated } else { false }
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

    /// `nil` if it cannot be opened, or not be read twice, like a pipe.
    init?(path: String) {
        guard let file = unsafe fopen(path, "rbe") else { return nil }
        unsafe self.file = file
        // It is read into memory of its own anyway.
        guard unsafe setvbuf(file, nil, _IONBF, 0) == 0, unsafe fseek(file, 0, SEEK_SET) == 0 else {
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
        unsafe clearerr(file)
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

/// The certificates of one bundle as OpenSSL's verification asks for them: each is decoded when a
/// chain first needs one with its subject.
///
/// What is trusted is the same as if the whole bundle were loaded, and the store is shared by all
/// connections that trust it.
@safe final class CertificateStore {
    private let store: OpaquePointer
    private let source: CertificateSource

    /// The file no longer has the certificates that it had: those that were not looked up before
    /// are trusted no more.
    var isOutdated: Bool { source.isOutdated }

    /// `nil` if there is no memory left for it.
    init?(_ index: CertificateIndex) {
        guard let store = unsafe X509_STORE_new() else { return nil }
        guard let source = CertificateSource(index) else {
            unsafe X509_STORE_free(store)
            return nil
        }
        unsafe self.store = store
        self.source = source
        // As libcurl sets them (lib/vtls/openssl.c, populate_x509_store).
        let flags = UInt(X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN)
        guard unsafe X509_STORE_set_flags(store, flags) == 1,
            let lookup = unsafe X509_STORE_add_lookup(store, source.method)
        else { return nil }
        // The store, which connections share, may outlive this object, and its lookup's methods
        // must outlive the store.
        let owned = unsafe Unmanaged.passRetained(source).toOpaque()
        guard unsafe X509_LOOKUP_set_method_data(lookup, owned) == 1 else { return nil }
    }

    deinit {
        unsafe X509_STORE_free(store)
    }

    /// Makes the handle's TLS connections trust these certificates alone.
    ///
    /// The object must live until the transfer has ended.
    func setTrust(of handle: borrowing CurlHandle) throws(CurlFailure) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try handle.set(CURLOPT_CAINFO, nil)
        // Else libcurl would take the store of one bundle for that of another.
        try handle.set(CURLOPT_CA_CACHE_TIMEOUT, 0)
        try unsafe handle.set(CURLOPT_SSL_CTX_DATA, pointer: context)
        try unsafe handle.set(tlsContext: useStore)
    }

    /// Takes away what `setTrust` sets but for the certificates' own option.
    static func unsetTrust(of handle: borrowing CurlHandle) throws(CurlFailure) {
        try unsafe handle.set(tlsContext: nil)
        try unsafe handle.set(CURLOPT_SSL_CTX_DATA, pointer: nil)
    }

    fileprivate func use(for context: OpaquePointer) -> CURLcode {
        guard unsafe X509_STORE_up_ref(store) == 1 else { return CURLE_OUT_OF_MEMORY }
        // The context owns the reference from here on.
        unsafe SSL_CTX_set_cert_store(context, store)
        return CURLE_OK
    }
}

/// Owned by a store's lookup: the index and the lookup's methods.
@safe private final class CertificateSource {
    let method: OpaquePointer
    private let index: CertificateIndex
    private(set) var isOutdated = false
    /// All certificates were added, for a name that has no key: none is missing any more.
    private var hasAll = false

    init?(_ index: CertificateIndex) {
        guard let method = unsafe X509_LOOKUP_meth_new("certificates of a bundle") else {
            return nil
        }
        unsafe self.method = method
        self.index = index
        guard unsafe X509_LOOKUP_meth_set_get_by_subject(method, addCertificates) == 1,
            unsafe X509_LOOKUP_meth_set_free(method, release) == 1
        else { return nil }
    }

    deinit {
        unsafe X509_LOOKUP_meth_free(method)
    }

    /// Adds all certificates with a subject; whether that could be done.
    func add(withSubject name: OpaquePointer, to store: OpaquePointer) -> Bool {
        var encoded: UnsafePointer<UInt8>?
        var count = 0
        guard unsafe X509_NAME_get0_der(name, &encoded, &count) == 1 else { return false }
        let subject = unsafe Array(UnsafeBufferPointer(start: encoded, count: count))
        guard !hasAll else { return true }
        guard let certificates = index.certificates(withSubject: subject) else {
            isOutdated = true
            return false
        }
        hasAll = certificates.count == index.count
        for certificate in certificates {
            let decoded = unsafe certificate.withUnsafeBufferPointer { bytes in
                var next = bytes.baseAddress
                return unsafe d2i_X509(nil, &next, bytes.count)
            }
            guard let decoded = unsafe decoded else { return false }
            defer { unsafe X509_free(decoded) }
            guard unsafe X509_STORE_add_cert(store, decoded) == 1 else { return false }
        }
        return true
    }
}

/// CURLOPT_SSL_CTX_FUNCTION: a connection's TLS context, before its handshake.
private func useStore(
    handle: UnsafeMutableRawPointer?,
    tlsContext: UnsafeMutableRawPointer?,
    context: UnsafeMutableRawPointer?
) -> CURLcode {
    guard let tlsContext = unsafe tlsContext, let context = unsafe context else {
        return CURLE_BAD_FUNCTION_ARGUMENT
    }
    let store = unsafe Unmanaged<CertificateStore>.fromOpaque(context).takeUnretainedValue()
    return unsafe store.use(for: OpaquePointer(tlsContext))
}

/// X509_LOOKUP_get_by_subject_fn: called when the store has no certificate with the subject.
///
/// 0 for none; then the chain is not trusted.
private func addCertificates(
    lookup: OpaquePointer?,
    type: X509_LOOKUP_TYPE,
    name: OpaquePointer?,
    result: OpaquePointer?
) -> CInt {
    guard type == X509_LU_X509, let lookup = unsafe lookup, let name = unsafe name,
        let context = unsafe X509_LOOKUP_get_method_data(lookup),
        let store = unsafe X509_LOOKUP_get_store(lookup)
    else { return 0 }
    let source = unsafe Unmanaged<CertificateSource>.fromOpaque(context).takeUnretainedValue()
    guard unsafe source.add(withSubject: name, to: store),
        let found = unsafe X509_OBJECT_retrieve_by_subject(
            X509_STORE_get0_objects(store),
            type,
            name
        ),
        let certificate = unsafe X509_OBJECT_get0_X509(found),
        unsafe X509_OBJECT_set1_X509(result, certificate) == 1
    else { return 0 }
    // The caller counts a reference of its own (crypto/x509/by_store.c tells).
    unsafe X509_free(certificate)
    return 1
}

/// Releases what the lookup owns.
private func release(lookup: OpaquePointer?) {
    guard let lookup = unsafe lookup, let context = unsafe X509_LOOKUP_get_method_data(lookup)
    else { return }
    unsafe Unmanaged<CertificateSource>.fromOpaque(context).release()
}
