import Codec
@testable import Core
import Testing

@testable import pointsman

/// The schema says of the properties' names what the functions say.
struct RuleSchemaTests {
    private static func names(_ schema: JSON?) -> [String] {
        (schema?["properties"]?.members ?? []).map(\.key)
    }

    @Test func `it has every property of a rule, each with words`() {
        #expect(Self.names(RuleSchema.schema) == ["$schema"] + RuleDefinition.known)
        #expect(Set(RuleSchema.properties.keys) == Set(RuleDefinition.known))
    }

    @Test(arguments: Target.Kind.allCases)
    func `it has every property of a target`(kind: Target.Kind) throws {
        let schema = RuleSchema.schema["properties"]?["Target"]?["properties"]?[kind.rawValue]
        do throws(InvalidRule) {
            _ = try Target.read(JSON([kind.rawValue: JSON(["NoSuchProperty": .int(1)])]))
            Issue.record("it has a property of any name")
        } catch {
            let known = try #require(
                error.problems.first?.message.wholeMatch(
                    of: /unknown property, expected one of (.*)/
                )
            )
            let names = known.1.split(separator: ", ").map(String.init)
            #expect(Set(Self.names(schema)) == Set(names))
        }
    }

    @Test func `a rule may name its schema, and a target may not`() {
        let target = #""Target":{"CodePipeline":{"Name":"a"}}"#
        let rule = #"{"$schema":"rule.schema.json","Repository":"a/b",\#(target)}"#
        #expect(Checked.lines(rule, name: "rule.json") == [])
        let other = rule.replacing(#""Name""#, with: #""$schema":"","Name""#)
        #expect(Checked.lines(other, name: "rule.json").count == 1)
    }
}
