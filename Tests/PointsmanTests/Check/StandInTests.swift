import Codec
import Core
import Testing

@testable import pointsman

/// What stands for a value that is only known at deployment.
@Suite struct StandInTests {
    @Test(arguments: RuleDefinition.known.filter { $0 != "Target" })
    func `each property has a value that is valid`(property: String) throws {
        var members = [
            JSON.Member(key: "Repository", value: .string("octo-org/monorepo")),
            JSON.Member(key: "Events", value: .array([.string("pull_request")])),
            JSON.Member(
                key: "Target",
                value: try JSON(parsing: Array(#"{"CodePipeline": {"Name": "api"}}"#.utf8))
            ),
        ]
        members.removeAll { $0.key == property }
        members.append(
            JSON.Member(key: property, value: StandIn.value(of: property, source: "github"))
        )
        _ = try RuleDefinition.read(.object(members))
    }
}
