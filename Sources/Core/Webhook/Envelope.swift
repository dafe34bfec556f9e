import Codec
import Platform

/// The members of an event that tell what it is and hold the request, of every shape at once.
struct Envelope {
    var method: String?
    var path = ""
    var headers = HTTPHeaders()
    var body: [UInt8] = []
    var isBase64Encoded = false
    var detailType: String?
    var recordSource: String?
    /// When API Gateway or the Function URL took the request; milliseconds since 1970.
    var requestTime: Int?
    private var names: [String] = []

    /// The first member names, for an error.
    var memberNames: String {
        names.isEmpty ? "no members" : names.joined(separator: ", ")
    }

    init(_ bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes)
        var single = HTTPHeaders()
        try reader.object { (key, value) throws(JSONError) in
            if names.count < 5 { names.append(key.string) }
            switch key {
            case "httpMethod": method = try value.optionalString()
            case "requestContext": try readContext(&value)
            case "path", "rawPath": path = try value.optionalString() ?? ""
            case "headers": single = try Self.headers(&value)
            case "multiValueHeaders": headers = try Self.multiValueHeaders(&value)
            case "body": body = try value.kind() == .null ? [] : value.utf8()
            case "isBase64Encoded": isBase64Encoded = try value.optionalBool() ?? false
            case "detail-type": detailType = try value.string()
            case "Records": try readRecords(&value)
            default: break
            }
        }
        try reader.end()
        if headers.fields.isEmpty { headers = single }
    }

    /// HTTP API (v2) and Function URL keep the method in `requestContext.http`, the time in
    /// `timeEpoch`; REST API (v1) has `requestTimeEpoch`.
    private mutating func readContext(_ context: inout JSONReader) throws(JSONError) {
        guard try context.kind() == .object else { return }
        try context.object { (key, value) throws(JSONError) in
            switch key {
            case "http":
                try value.object { (key, value) throws(JSONError) in
                    if key == "method" { method = try value.string() }
                }
            case "timeEpoch", "requestTimeEpoch": requestTime = try value.value().int
            default: break
            }
        }
    }

    /// Takes the source of the first record that is not CodeCommit's, if there is one.
    private mutating func readRecords(_ records: inout JSONReader) throws(JSONError) {
        var source = "no source"
        var isFirst = true
        try records.array { (record) throws(JSONError) in
            var found = "no source"
            try record.object { (key, value) throws(JSONError) in
                if key == "eventSource" || key == "EventSource" { found = try value.string() }
            }
            if isFirst || source == "aws:codecommit" { source = found }
            isFirst = false
        }
        recordSource = source
    }

    private static func headers(_ object: inout JSONReader) throws(JSONError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        guard try object.kind() == .object else { return headers }
        try object.object { (key, value) throws(JSONError) in
            guard let text = try value.optionalString() else { return }
            headers.append(key.string, text)
        }
        return headers
    }

    /// REST API (v1) gives every value of a header here, and only the last in `headers`.
    private static func multiValueHeaders(
        _ object: inout JSONReader
    ) throws(JSONError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        guard try object.kind() == .object else { return headers }
        try object.object { (key, values) throws(JSONError) in
            guard try values.kind() == .array else { return }
            let name = key.string
            try values.array { (value) throws(JSONError) in
                headers.append(name, try value.string())
            }
        }
        return headers
    }
}
