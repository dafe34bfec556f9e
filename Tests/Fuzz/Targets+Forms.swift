import Codec
import Platform

@testable import AWS
@testable import Core
@testable import Platform

/// What reads the smaller forms that everything else is made of.
extension Targets {
    static func xml(_ input: [UInt8]) -> Bool {
        (try? XML(parsing: input)) != nil
    }

    /// An expression and a subject: what PCRE2 does to both stays within its limits.
    static func expression(_ input: [UInt8]) -> Bool {
        let parts = input.split(separator: 0, maxSplits: 1)
        guard let first = parts.first,
            let expression = try? Expression(String(decoding: first, as: UTF8.self))
        else { return false }
        let subject = parts.count > 1 ? Array(parts[1]) : Array(repeating: 0x61, count: 64)
        return expression.match(subject) != .noMatch
    }

    /// Texts that are read by themselves: what is written of one is read again.
    static func text(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        var accepted = false
        if let time = Timestamp(iso8601: text) {
            // What is written has four digits of a year.
            let written = time.iso8601Milliseconds
            if written.utf8.count == 24, Timestamp(iso8601: written) != time {
                fatalError("a time is not read as it was written")
            }
            accepted = true
        }
        _ = Timestamp(epochSeconds: text)
        if let bytes = Base64.decode(input) {
            guard Base64.decode(Array(Base64.encode(bytes).utf8)) == bytes else {
                fatalError("base64 is not read as it was written")
            }
            accepted = true
        }
        if let bytes = Hex.decode(text), Hex.decode(Hex.lower(bytes)) != bytes {
            fatalError("hex is not read as it was written")
        }
        guard
            PercentEncoding.decode(Array(PercentEncoding.encode(text).utf8), plusIsSpace: false)
                == Array(text.utf8)
        else { fatalError("percent-encoding is not read as it was written") }
        _ = PercentEncoding.decode(input, plusIsSpace: true)
        if (try? HTTPURL(text)) != nil { accepted = true }
        if let url = HTTPSURL(text), !url.hasSameOrigin(as: url) {
            fatalError("a URL has another origin than itself")
        }
        if ARN(text) != nil { accepted = true }
        signs(text)
        return accepted
    }

    /// Signs a request for whatever path, query and header.
    private static func signs(_ text: String) {
        let call = AWSCall(
            .s3,
            "GetObject",
            of: "x",
            method: "GET",
            path: "/" + PercentEncoding.encode(text, keepingSlash: true),
            query: [NamedValue(text, text)],
            headers: ["x-amz-meta-text": text]
        )
        _ = unsafe try? client.presignedURL(of: call, expiresAfter: 60)
    }

    nonisolated(unsafe) private static let client = AWSClient(
        region: "eu-west-1",
        credentials: Credentials(accessKeyID: "A", secretAccessKey: Secret("s"), sessionToken: nil),
        endpoints: Endpoints(),
        transport: Transport { requests, _ in
            requests.map {
                .failure(TransportError(.invalid, method: $0.method, origin: $0.origin, reason: ""))
            }
        },
        clock: WallClock(now: { Timestamp(milliseconds: 1_790_000_000_000) }, sleep: { _ in }),
        random: Randomness { 0 }
    )

    /// A certificate's subject, and a key of a GitHub App.
    static func certificate(_ input: [UInt8]) -> Bool {
        let key = CertificateSubject.key(ofCertificate: input)
        _ = CertificateSubject.key(ofName: input)
        return key != nil || RSAPrivateKey(pem: Secret(input)) != nil
    }

    /// A response, line by line, and as what the Runtime API hands over.
    static func response(_ input: [UInt8]) -> Bool {
        var reader = HTTPResponseReader()
        for line in input.split(separator: 0x0a, omittingEmptySubsequences: false) {
            let line = Array(line) + [0x0a]
            unsafe line.withUnsafeBufferPointer { bytes in
                if reader.headersEnded {
                    _ = unsafe reader.readBody(bytes)
                } else {
                    unsafe reader.readHeaderLine(bytes)
                }
            }
        }
        let response = reader.finish()
        _ = try? HTTPFraming(of: response, answering: "GET")
        _ = try? Invocation(response, receivedAt: Timestamp(milliseconds: 1_790_000_000_000))
        return response.status >= 100
    }
}
