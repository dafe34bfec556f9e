import Codec

/// What stands in for a value that nobody knows before deployment, so that all else of a rule can
/// be checked: something valid in that place.
///
/// What is then said of the value itself is not passed on.
enum StandIn {
    private static let plain = "unknown"

    /// A value for a property, such as `Target.CodePipeline.RoleArn`.
    static func value(of property: String, source: String) -> JSON {
        if let list = RuleProperty.list(property) { return list }
        switch property.split(separator: ".").last.map(String.init) ?? "" {
        case "Source" where property == "Source": return .string("github")
        case "Repository":
            return .string(source == "codecommit" ? plain : "\(plain)/\(plain)")
        case "WhenPathsUnknown": return .string("start")
        case "Forks": return .string("skip")
        case "RoleArn": return .string("arn:aws:iam::123456789012:role/\(plain)")
        case "Region": return .string("us-east-1")
        case let name where name.hasSuffix("SecretArn"):
            let place = "arn:aws:secretsmanager:us-east-1:123456789012:secret"
            return .string("\(place):\(plain)-AbCdEf")
        case "Server": return .string("https://\(plain).example.com")
        case "Image": return .string("\(plain):\(plain)")
        case "CABundle":
            return .string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
        case "Variables", "Environment": return .object([])
        case "Target":
            return .object([member("CodePipeline", .object([member("Name", .string(plain))]))])
        default: return .string(property.hasPrefix("Events[") ? "push" : plain)
        }
    }

    private static func member(_ name: String, _ value: JSON) -> JSON.Member {
        JSON.Member(key: name, value: value)
    }
}

/// What is known of a rule's properties beside what checks them.
enum RuleProperty {
    /// Those that are a list, with one that is valid.
    fileprivate static func list(_ property: String) -> JSON? {
        switch property {
        case "Events": .array([.string("push")])
        case "Branches", "ExcludeBranches", "Tags", "ExcludeTags", "Paths", "ExcludePaths",
            "PathExpressions", "Actors", "ExcludeActors", "SkipMessages":
            .array([])
        default: nil
        }
    }

    /// A property and the one that it belongs with: of `ExcludePaths[1]`, `Paths` and
    /// `ExcludePaths`.
    static func related(to property: String) -> [String] {
        let name = String(property.prefix { $0 != "[" && $0 != "." })
        let included = name.hasPrefix("Exclude") ? String(name.dropFirst(7)) : name
        let related = [included, "Exclude" + included]
        return included == "Paths" || included == "PathExpressions"
            ? ["Paths", "ExcludePaths", "PathExpressions"] : related
    }
}
