internal import CLibraries

/// The certificates of one bundle as OpenSSL's verification asks for them: each is decoded when a
/// chain first needs one with its subject.
///
/// What is trusted is the same as if the whole bundle were loaded, and the store is shared by all
/// connections that trust it.
@safe final class CertificateStore {
    private let store: OpaquePointer

    /// `nil` when there is no memory left for it.
    init?(_ index: CertificateIndex) {
        guard let store = unsafe X509_STORE_new() else { return nil }
        unsafe self.store = store
        // As libcurl sets them (lib/vtls/openssl.c, populate_x509_store).
        let flags = UInt(X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN)
        guard unsafe X509_STORE_set_flags(store, flags) == 1, let source = CertificateSource(index),
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

/// What a store's lookup owns: the index and its methods.
@safe private final class CertificateSource {
    let method: OpaquePointer
    private let index: CertificateIndex

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
        guard let certificates = index.certificates(withSubject: subject) else { return false }
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

/// The lookup goes, and with it what it owns.
private func release(lookup: OpaquePointer?) {
    guard let lookup = unsafe lookup, let context = unsafe X509_LOOKUP_get_method_data(lookup)
    else { return }
    unsafe Unmanaged<CertificateSource>.fromOpaque(context).release()
}
