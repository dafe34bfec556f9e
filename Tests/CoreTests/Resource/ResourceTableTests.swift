import Codec
import Testing

@testable import Core

/// Every request of every form of property meets every fault: what CloudFormation is answered,
/// and what lies in S3 then.
@Suite struct `What becomes of a request` {
    /// What is the matter.
    enum Matter: String {
        case nothing, invalid, denied, away, noBucket, foreign, unowned, same, absent
    }

    struct Row: CustomTestStringConvertible {
        var requestType: String
        var matter: Matter
        /// The answer's line; `KEY`, `MOVED` and `ID` stand for the form's own.
        var answer: String
        /// The rules then, in short.
        var rules: [String]

        init(_ requestType: String, _ matter: Matter, _ answer: String, _ rules: [String]) {
            self.requestType = requestType
            self.matter = matter
            self.answer = answer
            self.rules = rules
        }

        var testDescription: String { "\(requestType), \(matter.rawValue)" }
    }

    static let ours = "of Trigger in payments"
    static let theirs = "of Theirs in orders"
    static let nobodys = "of nobody"
    static let belongs =
        "belongs to Theirs of the stack \(Stack.otherID), and one rule has one owner: "
        + "remove it there first"
    static let belongsToNone =
        "is there and belongs to no resource: the earlier function has made it, or somebody by "
        + "hand; remove it where it was declared, or delete the object, then try again"
    static let unwritten = "the rule could not be written: s3:GetObject of bucket/"
    static let unremoved = "the rule could not be removed: s3:GetObject of bucket/"
    static let denied = "403 AccessDenied: as scripted"
    static let away = "503 SlowDown: as scripted"
    static let gone = "404 NoSuchBucket: there is no such bucket"

    static let creations = [
        Row("Create", .nothing, "SUCCESS KEY", ["KEY \(ours)"]),
        Row("Create", .invalid, "FAILED not-created-request-1: PROBLEM", []),
        Row("Create", .denied, "FAILED not-created-request-1: \(unwritten)KEY: \(denied)", []),
        Row("Create", .away, "FAILED not-created-request-1: \(unwritten)KEY: \(away)", []),
        Row("Create", .noBucket, "FAILED not-created-request-1: \(unwritten)KEY: \(gone)", []),
        Row(
            "Create",
            .foreign,
            "FAILED not-created-request-1: the rule KEY \(belongs)",
            ["KEY \(theirs)"]
        ),
        Row(
            "Create",
            .unowned,
            "FAILED not-created-request-1: the rule KEY \(belongsToNone)",
            ["KEY \(nobodys)"]
        ),
    ]

    static func refusedUpdate(_ matter: Matter) -> Row {
        Row(
            "Update",
            matter,
            "FAILED ID: the rule MOVED \(belongsToNone)",
            ["KEY BEFORE", "MOVED \(nobodys)"]
        )
    }

    static let others = [
        Row("Update", .invalid, "FAILED ID: PROBLEM", ["KEY BEFORE"]),
        Row("Update", .denied, "FAILED ID: \(unwritten)MOVED: \(denied)", ["KEY BEFORE"]),
        Row("Update", .away, "FAILED ID: \(unwritten)MOVED: \(away)", ["KEY BEFORE"]),
        Row("Update", .noBucket, "FAILED ID: \(unwritten)MOVED: \(gone)", ["KEY BEFORE"]),
        Row(
            "Update",
            .foreign,
            "FAILED ID: the rule MOVED \(belongs)",
            ["KEY BEFORE", "MOVED \(theirs)"]
        ),
        refusedUpdate(.unowned),
        Row("Delete", .nothing, "SUCCESS ID", []),
        Row("Delete", .invalid, "SUCCESS ID", []),
        Row("Delete", .denied, "FAILED ID: \(unremoved)KEY: \(denied)", ["KEY BEFORE"]),
        Row("Delete", .away, "FAILED ID: \(unremoved)KEY: \(away)", ["KEY BEFORE"]),
        Row("Delete", .noBucket, "SUCCESS ID", ["KEY BEFORE"]),
        Row("Delete", .foreign, "SUCCESS ID", ["KEY \(theirs)"]),
        Row("Delete", .unowned, "SUCCESS ID", []),
        Row("Delete", .absent, "SUCCESS ID", []),
    ]

    /// An Update whose rule gets another key leaves the old one to a Delete: but for a resource
    /// with the constant id none comes.
    static let updates = [
        Row("Update", .nothing, "SUCCESS MOVED", ["KEY BEFORE", "MOVED \(ours)"]),
        refusedUpdate(.same),
        Row("Update", .absent, "SUCCESS MOVED", ["MOVED \(ours)"]),
    ]
    static let updatesOfConstant = [
        Row("Update", .nothing, "SUCCESS ID", ["MOVED \(ours)"]),
        Row("Update", .same, "SUCCESS ID", ["MOVED \(ours)"]),
        Row("Update", .absent, "SUCCESS ID", ["MOVED \(ours)"]),
    ]

    @Test(arguments: creations + updates + others)
    func `of Custom PipelineTrigger`(row: Row) throws { try Self.check(row, .current) }

    @Test(arguments: creations + updates + others)
    func `of Custom MonoRepoTrigger`(row: Row) throws { try Self.check(row, .monoRepo) }

    @Test(arguments: updatesOfConstant + others)
    func `of a resource that the mono-repo trigger made`(row: Row) throws {
        try Self.check(row, .constant)
    }

    static func check(_ row: Row, _ declared: Declared) throws {
        let stage = try Stage()
        let isCreate = row.requestType == "Create"
        if !isCreate { declared.put(on: stage) }
        let written = row.requestType == "Update" ? declared.movedKey : declared.key
        switch row.matter {
        case .nothing, .invalid: break
        case .denied: stage.aws.s3Error = (403, "AccessDenied")
        case .away: stage.aws.s3Error = (503, "SlowDown")
        case .noBucket: stage.aws.s3Error = (404, "NoSuchBucket")
        case .foreign:
            stage.aws.put(written, declared.object, Declared.owner(Stack.otherID, "Theirs"))
        case .unowned: stage.aws.put(written, declared.object)
        case .same: stage.aws.put(written, Declared.object(declared.moved))
        case .absent: stage.aws.objects[declared.key] = nil
        }
        let valid = row.requestType == "Update" ? declared.moved : declared.properties
        let answer = try Stack(stage, type: declared.type).send(
            row.requestType,
            row.matter == .invalid ? declared.invalid : valid,
            old: row.requestType == "Update" ? declared.properties : nil,
            physicalID: isCreate ? nil : declared.id(declared.key)
        )
        func filled(_ text: String) -> String {
            text.replacing("KEY", with: declared.key)
                .replacing("MOVED", with: declared.movedKey)
                .replacing("ID", with: declared.id(declared.key))
                .replacing("PROBLEM", with: declared.problem)
                .replacing("BEFORE", with: declared == .constant ? nobodys : ours)
        }
        #expect(answer?.line == filled(row.answer))
        #expect(stage.rules == row.rules.map(filled).sorted())
        #expect(stage.aws.answers.count == 1)
    }
}
