import Codec
import Foundation

/// CodePipeline's store of pipelines.
final class FakePipelines {
    struct Pipeline: Equatable {
        var declaration: JSON
        var tags: [String: String] = [:]
        var updated: Timestamp
        var latestRun: (status: String, updated: Timestamp)?

        static func == (one: Pipeline, other: Pipeline) -> Bool {
            one.declaration == other.declaration && one.tags == other.tags
        }
    }

    struct Failure: Error {
        var code: String
        var message = "as scripted"
    }

    private var store: [String: Pipeline] = [:]
    /// Whether a test has put a pipeline here: those that are started must then exist.
    private(set) var isUsed = false
    /// What was created and deleted by calls, in order.
    private(set) var history: [String] = []
    /// Whether a tag's value holds only what CodePipeline's quotas say that it may.
    var isStrictAboutTags = false
    /// What CreatePipeline refuses instead of doing it: code and message.
    var creationError: Failure?
    /// What TagResource refuses instead of doing it.
    var tagError: Failure?
    /// What ListActionExecutions tells: stage, action and status, the latest first.
    var actions: [(stage: String, action: String, status: String)] = []
    /// How many pipelines the account may have.
    var quota = 1_000
    /// How many pipelines a page has.
    var pageSize = 1_000
    var now = Timestamp(milliseconds: 0)

    var names: [String] { store.keys.sorted() }

    subscript(_ name: String) -> Pipeline? {
        get { store[name] }
        set {
            store[name] = newValue
            isUsed = true
        }
    }

    static func name(in body: JSON) -> String {
        (body["name"] ?? body["pipelineName"] ?? body["pipeline"]?["name"])?.string
            ?? body["resourceArn"]?.string?.split(separator: ":").last.map(String.init) ?? ""
    }

    func answer(_ operation: String, _ body: JSON) -> Result<JSON, Failure> {
        let name = Self.name(in: body)
        switch operation {
        case "GetPipeline":
            guard let pipeline = store[name] else { return failure("PipelineNotFoundException") }
            let arn = "arn:aws:codepipeline:eu-west-1:123456789012:\(name)"
            return .success(
                object([
                    ("pipeline", pipeline.declaration),
                    ("metadata", object([("pipelineArn", .string(arn))])),
                ])
            )
        case "CreatePipeline":
            guard store[name] == nil else { return failure("PipelineNameInUseException") }
            guard store.count < quota else { return failure("LimitExceededException") }
            let declaration = body["pipeline"] ?? .null
            var tags: [String: String] = [:]
            for tag in body["tags"]?.array ?? [] {
                tags[tag["key"]?.string ?? ""] = tag["value"]?.string
            }
            if let creationError { return .failure(creationError) }
            if isStrictAboutTags, !tags.values.allSatisfy(Self.isTagValue) {
                return failure("InvalidTagsException")
            }
            store[name] = Pipeline(declaration: declaration, tags: tags, updated: now)
            history.append("created \(name)")
            return .success(object([("pipeline", declaration)]))
        case "DeletePipeline":
            if store.removeValue(forKey: name) != nil { history.append("deleted \(name)") }
            return .success(.object([]))
        case "ListTagsForResource":
            guard let pipeline = store[name] else { return failure("ResourceNotFoundException") }
            let tags = pipeline.tags.map { object([("key", .string($0)), ("value", .string($1))]) }
            return .success(object([("tags", .array(tags))]))
        case "TagResource":
            if let tagError { return .failure(tagError) }
            guard store[name] != nil else { return failure("ResourceNotFoundException") }
            for tag in body["tags"]?.array ?? [] {
                store[name]?.tags[tag["key"]?.string ?? ""] = tag["value"]?.string
            }
            return .success(.object([]))
        case "ListPipelines":
            let after = body["nextToken"]?.string ?? ""
            let rest = names.filter { $0 > after }
            let page = rest.prefix(pageSize)
            let summaries = page.map { name in
                object([
                    ("name", .string(name)), ("updated", seconds(store[name]?.updated ?? now)),
                ])
            }
            var members: [(String, JSON)] = [("pipelines", .array(summaries))]
            if rest.count > page.count, let last = page.last {
                members.append(("nextToken", .string(last)))
            }
            return .success(object(members))
        case "ListPipelineExecutions":
            guard let pipeline = store[name] else { return failure("PipelineNotFoundException") }
            let runs = pipeline.latestRun.map { run in
                object([("status", .string(run.status)), ("lastUpdateTime", seconds(run.updated))])
            }
            return .success(
                object([("pipelineExecutionSummaries", .array(runs.map { [$0] } ?? []))])
            )
        case "ListActionExecutions":
            let details = actions.map { action in
                object([
                    ("stageName", .string(action.stage)), ("actionName", .string(action.action)),
                    ("status", .string(action.status)),
                ])
            }
            return .success(object([("actionExecutionDetails", .array(details))]))
        default:
            return failure("UnknownOperation")
        }
    }

    /// Letters, numbers, spaces and a few others (CodePipeline user guide, "Quotas").
    private static func isTagValue(_ value: String) -> Bool {
        value.wholeMatch(of: /[\p{L}\p{N} +\-=._:\/@]*/) != nil
    }

    private func failure(_ code: String) -> Result<JSON, Failure> { .failure(Failure(code: code)) }

    private func object(_ members: [(String, JSON)]) -> JSON {
        .object(members.map { JSON.Member(key: $0.0, value: $0.1) })
    }

    private func seconds(_ moment: Timestamp) -> JSON {
        .number("\(moment.milliseconds / 1_000).\(moment.milliseconds % 1_000)")
    }
}
