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

    /// The first of the paths that can be read.
    static func firstReadable(of paths: [String]) -> String? {
        for path in paths where unsafe access(path, R_OK) == 0 {
            return path
        }
        return nil
    }
}
