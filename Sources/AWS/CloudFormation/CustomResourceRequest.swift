package import Codec
internal import Platform

/// What CloudFormation asks of a custom resource's provider
/// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html).
///
/// Whatever has a response URL can be answered, so only that is required; what else is
/// absent or of another type is empty, and one of the ``problems``.
package struct CustomResourceRequest: Sendable {
    package enum RequestType: String, Sendable {
        case create = "Create"
        case update = "Update"
        case delete = "Delete"
    }

    /// Where the answer goes.
    package let responseURL: ResponseURL
    /// What is to be done; `nil` where it is none of the three.
    package let requestType: RequestType?
    package let requestID: String
    package let stackID: String
    /// The resource's name in its template.
    package let logicalResourceID: String
    /// The type as the template has it; empty where there is none.
    package let resourceType: String
    /// What the answer to an earlier request called the resource; `nil` on Create.
    package let physicalResourceID: String?
    /// The properties; `null` where there are none.
    package let properties: JSON
    /// The properties before an Update; `null` where there are none.
    package let oldProperties: JSON
    /// What is wrong with the request, a sentence each.
    package let problems: [String]

    /// Reads an event; throws where nobody could be answered.
    ///
    /// - Parameter allowingAnyHost: Answer also to hosts that are not AWS's: local stand-ins.
    package init(parsing event: [UInt8], allowingAnyHost: Bool) throws(CustomResourceError) {
        let root: JSON
        do throws(JSONError) {
            root = try JSON(parsing: event)
        } catch {
            throw CustomResourceError(error.description)
        }
        var fields = Fields(root: root)
        guard let url = fields.string("ResponseURL") else {
            throw CustomResourceError(fields.problems[0])
        }
        responseURL = try ResponseURL(url, allowingAnyHost: allowingAnyHost)
        requestType = fields.requestType()
        requestID = fields.token("RequestId") ?? ""
        stackID = fields.token("StackId") ?? ""
        logicalResourceID = fields.token("LogicalResourceId") ?? ""
        resourceType = root["ResourceType"]?.string ?? ""
        physicalResourceID =
            requestType == .create || requestType == nil
            ? root["PhysicalResourceId"]?.string : fields.string("PhysicalResourceId")
        properties = root["ResourceProperties"] ?? .null
        oldProperties = root["OldResourceProperties"] ?? .null
        // A Delete needs none of them.
        if requestType != .delete { fields.requireObject("ResourceProperties") }
        problems = fields.problems
    }
}

/// The fields of a request, and what is wrong with them.
private struct Fields {
    let root: JSON
    private(set) var problems: [String] = []

    init(root: JSON) {
        self.root = root
    }

    mutating func string(_ name: String) -> String? {
        guard let string = root[name]?.string, !string.utf8.isEmpty else {
            report(name, "expected a string")
            return nil
        }
        return string
    }

    /// A string that can stand in a header: an identifier.
    mutating func token(_ name: String) -> String? {
        guard let string = string(name) else { return nil }
        guard string.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            problems.append("\(name): expected printable ASCII without spaces")
            return nil
        }
        return string
    }

    mutating func requestType() -> CustomResourceRequest.RequestType? {
        guard let text = string("RequestType") else { return nil }
        guard let type = CustomResourceRequest.RequestType(rawValue: text) else {
            let found = text.utf8.count <= 64 ? "'\(text)'" : "another string"
            problems.append("RequestType: expected Create, Update or Delete, found \(found)")
            return nil
        }
        return type
    }

    mutating func requireObject(_ name: String) {
        if root[name]?.members == nil { report(name, "expected an object") }
    }

    private mutating func report(_ name: String, _ expected: String) {
        var found = "nothing"
        if let value = root[name] {
            found = value.string?.utf8.isEmpty == true ? "an empty string" : value.kind.name
        }
        problems.append("\(name): \(expected), found \(found)")
    }
}

/// Where CloudFormation wants the answer to a request: a presigned URL, so a secret.
package struct ResponseURL: Equatable, Sendable, CustomStringConvertible {
    /// Scheme and authority.
    let origin: String
    /// Path and query as they go on the wire; anybody who knows them can respond.
    let target: String

    /// Reads a URL; throws what is wrong with it, never the URL.
    ///
    /// CloudFormation sends URLs of S3. The caller of the function chooses the URL: with any other
    /// host allowed, a caller could make it send a request inside its own network.
    ///
    /// - Parameter allowingAnyHost: Take `http` and other hosts than AWS's: of local stand-ins.
    package init(_ text: String, allowingAnyHost: Bool) throws(CustomResourceError) {
        guard !text.utf8.contains(UInt8(ascii: "#")) else {
            throw CustomResourceError("ResponseURL: has a character that no URL has")
        }
        let url = try mapError(try HTTPURL(text)) { (defect: HTTPURL.Defect) in
            let reason =
                switch defect {
                case .character: "has a character that no URL has"
                case .scheme: "does not begin with http:// or https://"
                case .userName, .authority: "has no valid host and port"
                }
            return CustomResourceError("ResponseURL: " + reason)
        }
        guard allowingAnyHost || (url.isHTTPS && Self.isAWS(url.hostHeader)) else {
            throw CustomResourceError(
                "ResponseURL: expected https:// and a host of AWS's, such as those below "
                    + "amazonaws.com"
            )
        }
        origin = url.origin
        target = url.path.utf8.first == UInt8(ascii: "/") ? url.path : "/" + url.path
    }

    /// Whether a host is below one of AWS's domains; the port may only be that of https.
    private static func isAWS(_ host: String) -> Bool {
        Partition.dnsSuffixes.contains { suffix in
            let end = String(decoding: host.utf8.suffix(suffix.utf8.count + 1), as: UTF8.self)
            return host.utf8.count > end.utf8.count && equalsIgnoringASCIICase(end, "." + suffix)
        }
    }

    /// `***`.
    package var description: String { "***" }
}

/// Why an event is no request of CloudFormation's that could be answered.
package struct CustomResourceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong with it; never the response URL.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
