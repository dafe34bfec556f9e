import Foundation

/// The smaller forms that everything else is made of.
extension Corpus {
    static let expressions = [
        "src/.*\u{0}src/a/b", "(a|a)*b\u{0}aaaaaaaaaaaaaaaa", "(?i)[a-z]{1,9}\\d+(?=x)", "(.*)*x",
        "[[:alpha:]]+\\p{L}",
        "(?<name>a)\\k<name>", "(?R)?x", "\\Qa.b\\E",
    ].map { Array($0.utf8) }

    static let texts = [
        "2026-11-21T04:35:47Z", "2026-11-21T04:35:47.123+02:00", "2025-08-05 21:48:27 UTC",
        "1790000000",
        "aGVsbG8gd29ybGQ=", "00ff7e", "a%20b%2Fc+d", "https://api.example.com:6443/path?x=1#y",
        "http://[::1]:8080", "arn:aws:codepipeline:eu-west-1:123456789012:api",
        "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:name-AbCdEf",
    ].map { Array($0.utf8) }

    static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nLambda-Runtime-Aws-Request-Id: 8476a536\r\nLambda-Runtime-Deadline-Ms: 1790000060000\r\n\r\n{}",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.0 503 Slow\r\nContent-Length: 99999999999\r\n\r\n",
        "HTTP/1.1 204\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n",
    ].map { Array($0.utf8) }

    /// A small certificate's DER (`openssl req -x509 -newkey ed25519`), and the beginnings of keys.
    static var certificates: [[UInt8]] {
        let keys = [
            "-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEpA==\n-----END RSA PRIVATE KEY-----\n",
        ]
        return [Array(Data(base64Encoded: certificate) ?? Data())] + keys.map { Array($0.utf8) }
    }

    private static let certificate = """
        MIIBiTCCATugAwIBAgIUMqZHu6NY3fXSDIdLAUkJCKEB70EwBQYDK2VwMDoxCzAJBgNVBAYTAkRFMRAwDgYDVQQKDA\
        dFeGFtcGxlMRkwFwYDVQQDDBBmdXp6LmV4YW1wbGUuY29tMB4XDTI2MTEyOTExNTQ0NVoXDTM2MTEyNjExNTQ0NVow\
        OjELMAkGA1UEBhMCREUxEDAOBgNVBAoMB0V4YW1wbGUxGTAXBgNVBAMMEGZ1enouZXhhbXBsZS5jb20wKjAFBgMrZX\
        ADIQA3TMLB3OTkP7YCjkczFDOi/C+BrSyt3aUfuYEoE7ze76NTMFEwHQYDVR0OBBYEFIDCqJaYbndfILNwFipIaRwj\
        r+32MB8GA1UdIwQYMBaAFIDCqJaYbndfILNwFipIaRwjr+32MA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EA9UX2Iu\
        /pIBxngmkYvcL3Q1unYPec502I+NfvmK473CRXwmUYfq8hjFNW4t14UeNKTkPvUgKRaNEX24mTNR1kAA==\

        """
}
