import ArgumentParser
import Platform
import Testing

@testable import pointsman

struct StackOptionsTests {
    private static let stack = ["POINTSMAN_STACK": "s"]
    private static let bucket = ["POINTSMAN_BUCKET": "b", "POINTSMAN_PREFIX": "q/r"]

    @Test(
        arguments: [
            ([], [:], nil),
            (["--stack", "a"], bucket, .stack("a")),
            (["--bucket", "a"], stack, .bucket("a", prefix: "mono-repo/config")),
            // A prefix of the environment belongs to the bucket of the environment.
            (["--bucket", "a"], bucket, .bucket("a", prefix: "mono-repo/config")),
            (["--bucket", "a", "--prefix", "p"], bucket, .bucket("a", prefix: "p")),
            ([], bucket, .bucket("b", prefix: "q/r")),
            (["--prefix", "p"], bucket, .bucket("b", prefix: "p")),
            ([], stack.merging(bucket) { $1 }, .stack("s")),
        ] as [([String], [String: String], StackOptions.Place?)]
    )
    func `the command line, else the environment, says where the stack is`(
        arguments: [String],
        variables: [String: String],
        place: StackOptions.Place?
    ) throws {
        let options = try StackOptions.parse(arguments)
        #expect(options.place(Environment { variables[$0] }) == place)
        #expect(
            options.isGiven == (arguments.contains("--stack") || arguments.contains("--bucket"))
        )
    }

    @Test(arguments: [
        (["--stack", "a", "--bucket", "b"], "either --stack or --bucket: a stack names its own"),
        (["--stack", "a", "--prefix", "b"], "either --stack or --prefix: a stack names its own"),
    ])
    func `a stack has a bucket of its own`(arguments: [String], reason: String) {
        let error = #expect(throws: (any Error).self) { try StackOptions.parse(arguments) }
        #expect(error.map { StackOptions.message(for: $0) } == reason)
    }
}
