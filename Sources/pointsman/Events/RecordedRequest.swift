import Codec
import Platform
import Trigger

/// A request as `events/` keeps it: `{"method", "path", "headers", "body"}`.
struct RecordedRequest: Equatable {
    var method = "POST"
    /// What comes after the endpoint's URL.
    var path = "/github"
    var headers = HTTPHeaders()
    /// The raw body: what the signature covers.
    var body: [UInt8] = []

    /// Reads a recorded request.
    init(_ bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "method": method = try value.string()
            case "path": path = try value.string()
            case "headers":
                try value.object { (key, value) throws(JSONError) in
                    headers.append(key.string, try value.string())
                }
            case "body": body = try value.utf8()
            default: break
            }
        }
        try reader.end()
    }

    /// The request as the webhook function is given it.
    var event: HTTPEvent {
        HTTPEvent(method: method, path: path, headers: headers, body: body)
    }
}
