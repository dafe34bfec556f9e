package import AWS
package import Codec
package import Platform

/// A pipeline to start: as a rule describes it (`Template`) or for one change (`String`).
///
/// Limits: AWS CodePipeline API reference, StartPipelineExecution.
package struct CodePipelineTarget<Text: Equatable & Sendable>: Equatable, Sendable {
    package var name: Text
    /// The source action that is to take the change's commit; `nil` for its newest.
    var sourceAction: Text?
    /// The pipeline's variables, in the rule's order.
    ///
    /// They are resolved when the call is made: those of all starts of a change may be too much to
    /// be held at once.
    var variables: [NamedTemplate]
    var access = AWSAccess<Text>()
}

extension CodePipelineTarget<Template> {
    static func read(_ value: JSON) throws(InvalidRule) -> Self {
        var properties = try PropertyReader(
            target: value,
            .codePipeline,
            known: ["Name", "SourceAction", "Variables", "RoleArn", "Region"]
        )
        let target = CodePipelineTarget(
            name: properties.requiredText("Name", .pipelineName),
            sourceAction: properties.text("SourceAction", .actionName),
            variables: properties.templates(
                "Variables",
                names: .variableName,
                atMost: CodePipeline.maximumVariables
            ),
            access: properties.access()
        )
        return try properties.checked(target)
    }

    func resolved(for change: Change) throws(RuleProblem) -> CodePipelineTarget<String> {
        let resolver = Resolver(change, .codePipeline)
        return CodePipelineTarget<String>(
            name: try resolver.text(name, "Name", .pipelineName),
            sourceAction: try resolver.text(sourceAction, "SourceAction", .actionName),
            variables: variables,
            access: try resolver.access(access)
        )
    }
}

extension CodePipelineTarget<String> {
    /// AWS names no time after which `clientRequestToken` is forgotten (API reference, StartPipelineExecution).
    ///
    /// It is taken to outlast Lambda's retries (hours), GitHub's redelivery (3 days) and the dead-letter queue
    /// (14 days). If it did not, a start whose end was never written down could happen twice.
    var facts: StartFacts { StartFacts(.codePipeline, named: name, tokenLifetime: nil) }

    /// A variable's value is put on one line, cut to 1000 characters and left out if it is empty.
    func variables(for change: Change) -> [NamedValue] {
        variables.compactMap { variable in
            let text = variable.value.render(change, upTo: CodePipeline.maximumReadLength)
            let value = Self.line(text).cut(to: CodePipeline.maximumValueLength)
            return value.isEmpty ? nil : NamedValue(variable.name, value)
        }
    }

    /// A text as one line: a value has to match `.*` (API reference, PipelineVariable), which no
    /// line break does, and the message of a commit has some.
    private static func line(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var isBroken = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": isBroken = true
            default:
                if isBroken, !line.isEmpty { line.append(" ") }
                isBroken = false
                line.append(scalar)
            }
        }
        return String(line)
    }

    /// Starts an execution, on the change's commit if the rule names the source action.
    func begin(_ start: Start) -> StartStep {
        var revisions: [CodePipeline.SourceRevision] = []
        if let sourceAction, let commit = start.change.after {
            let type: CodePipeline.SourceRevision.Kind =
                start.change.kind == .image ? .imageDigest : .commit
            revisions = [CodePipeline.SourceRevision(action: sourceAction, type, commit)]
        }
        let call = CodePipeline.startPipelineExecution(
            name,
            variables: variables(for: start.change),
            sourceRevisions: revisions,
            clientRequestToken: start.identity
        )
        return .call(call, access) { (response) throws(CallError) in
            let id = try CodePipeline.executionID(of: call, response)
            return .ended(.started(id, run: start.run(.execution(id))))
        }
    }
}

extension TargetText {
    static var pipelineName: TargetText {
        .name("a pipeline's name (1 to 100 letters, digits or . @ - _)", upTo: 100, also: ".@-_")
    }

    static var actionName: TargetText {
        .name("an action's name (1 to 100 letters, digits or . @ - _)", upTo: 100, also: ".@-_")
    }

    fileprivate static var variableName: TargetText {
        .name("a variable's name (1 to 128 letters, digits or @ - _)", upTo: 128, also: "@-_")
    }
}

/// Pipelines: calls as values, and what their responses mean
/// (https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StartPipelineExecution.html).
package enum CodePipeline {
    fileprivate static let maximumVariables = 50
    fileprivate static let maximumValueLength = 1_000
    /// The most characters that are looked at to find those: line breaks do not count.
    fileprivate static let maximumReadLength = 4_000
    private static let maximumReasonLength = 200

    /// What stands before an operation's name in `X-Amz-Target`.
    static let targetPrefix = "CodePipeline_20150709"

    /// The commit, or the image, that a source action takes in one execution.
    struct SourceRevision: Equatable, Sendable {
        /// What a revision is (API reference, SourceRevisionOverride).
        enum Kind: String, Sendable {
            case commit = "COMMIT_ID"
            case imageDigest = "IMAGE_DIGEST"
        }

        var action: String
        var kind: Kind
        var value: String

        init(action: String, _ kind: Kind, _ value: String) {
            self.action = action
            self.kind = kind
            self.value = value
        }
    }

    /// StartPipelineExecution; a second one with the same client token starts nothing new.
    ///
    /// Empty variables and revisions are left out: a pipeline of type V1 refuses both. A variable's
    /// value has 1 to 1000 characters and no line break.
    static func startPipelineExecution(
        _ pipeline: String,
        variables: [NamedValue] = [],
        sourceRevisions: [SourceRevision] = [],
        clientRequestToken: String
    ) -> AWSCall {
        var call = call("StartPipelineExecution", of: pipeline) {
            $0.member("name", pipeline)
            if !variables.isEmpty {
                $0.objects("variables", variables) { json, variable in
                    json.member("name", variable.name)
                    json.member("value", variable.value)
                }
            }
            $0.member("clientRequestToken", clientRequestToken)
            if !sourceRevisions.isEmpty {
                $0.objects("sourceRevisions", sourceRevisions) { json, revision in
                    json.member("actionName", revision.action)
                    json.member("revisionType", revision.kind.rawValue)
                    json.member("revisionValue", revision.value)
                }
            }
        }
        // "Your request cannot be handled because the pipeline is busy … try again later", and
        // "the pipeline has reached the limit for concurrent pipeline executions".
        call.retryableCodes = [
            "ConflictException", "ConcurrentPipelineExecutionsLimitExceededException",
        ]
        return call
    }

    /// StopPipelineExecution: what an action has begun is finished, and nothing after it begins
    /// (https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html).
    ///
    /// - Parameter reason: at most 200 characters.
    static func stopPipelineExecution(_ id: String, of pipeline: String, reason: String) -> AWSCall
    {
        var call = call("StopPipelineExecution", of: pipeline) {
            $0.member("pipelineName", pipeline)
            $0.member("pipelineExecutionId", id)
            $0.member("abandon", false)
            $0.member("reason", reason.cut(to: maximumReasonLength))
        }
        call.retryableCodes = ["ConflictException"]
        return call
    }

    /// Reads the response to `startPipelineExecution`: the execution's id.
    package static func executionID(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String {
        try call.member("pipelineExecutionId", of: response) { $0.string }
    }
}

extension CodePipeline {
    struct Summary: Equatable, Sendable {
        var name: String
        /// When its declaration was last changed.
        var updated: Timestamp?
    }

    package struct Page: Equatable, Sendable {
        var pipelines: [Summary]
        /// What the next page is asked for with; `nil` on the last.
        var nextToken: String?
    }

    /// A run of a pipeline, as a list tells of it.
    package struct Run: Equatable, Sendable {
        /// It has not come to an end.
        var isUnderWay: Bool
        /// When something last happened in it.
        var updated: Timestamp?
    }

    /// ListPipelines: a page of up to 1000.
    static func listPipelines(nextToken: String?) -> AWSCall {
        call("ListPipelines", of: "all pipelines") {
            $0.member("nextToken", nextToken)
            $0.member("maxResults", 1_000)
        }
    }

    package static func page(of call: AWSCall, _ response: HTTPResponse) throws(CallError) -> Page {
        let root = try? JSON(parsing: response.body)
        guard let pipelines = root?["pipelines"]?.array else {
            throw .unreadable(call, response, "the answer has no pipelines")
        }
        return Page(
            pipelines: pipelines.compactMap { pipeline in
                pipeline["name"]?.string.map {
                    Summary(name: $0, updated: moment(pipeline["updated"]))
                }
            },
            nextToken: root?["nextToken"]?.string
        )
    }

    /// ListPipelineExecutions: the latest one.
    static func latestExecution(of pipeline: String) -> AWSCall {
        call("ListPipelineExecutions", of: pipeline) {
            $0.member("pipelineName", pipeline)
            $0.member("maxResults", 1)
        }
    }

    /// Reads the response to `latestExecution`; `nil` where the pipeline has not run.
    package static func run(of call: AWSCall, _ response: HTTPResponse) throws(CallError) -> Run? {
        let runs = try call.member("pipelineExecutionSummaries", of: response) { $0.array }
        return runs.first.map { run in
            let status = run["status"]?.string
            return Run(
                isUnderWay: status == "InProgress" || status == "Stopping",
                updated: moment(run["lastUpdateTime"]) ?? moment(run["startTime"])
            )
        }
    }

    /// A time as the JSON protocol has it: a number of seconds
    /// (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html).
    private static func moment(_ value: JSON?) -> Timestamp? {
        if case .number(let text)? = value { Timestamp(epochSeconds: text) } else { nil }
    }
}

/// How an execution has failed.
extension CodePipeline {
    /// ListActionExecutions: those of one execution, the latest first.
    package static func actions(ofExecution id: String, of pipeline: String) -> AWSCall {
        call("ListActionExecutions", of: pipeline) {
            $0.member("pipelineName", pipeline)
            $0.object("filter") { $0.member("pipelineExecutionId", id) }
        }
    }

    /// Reads the response to `actions`: the action that failed last, `action Test of stage Build`.
    package static func failedAction(by response: HTTPResponse) -> String? {
        let actions = (try? JSON(parsing: response.body))?["actionExecutionDetails"]?.array ?? []
        for action in actions where action["status"]?.string == "Failed" {
            guard let name = action["actionName"]?.string, let stage = action["stageName"]?.string
            else { continue }
            return "action \(name) of stage \(stage)"
        }
        return nil
    }
}

/// Pipelines themselves: what they are made of, whose they are, and which there are.
extension CodePipeline {
    package struct Pipeline: Equatable, Sendable {
        /// Its declaration; secrets in it are masked.
        var declaration: JSON
        var arn: String
    }

    package static func getPipeline(_ name: String) -> AWSCall {
        call("GetPipeline", of: name) { $0.member("name", name) }
    }

    package static func pipeline(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> Pipeline {
        let root = try? JSON(parsing: response.body)
        guard let declaration = root?["pipeline"], declaration.members != nil,
            let arn = root?["metadata"]?["pipelineArn"]?.string
        else { throw .unreadable(call, response, "the answer has no pipeline with its ARN") }
        return Pipeline(declaration: declaration, arn: arn)
    }

    /// CreatePipeline; the pipeline runs at once.
    ///
    /// A name that is taken is an error with the code `PipelineNameInUseException`.
    static func createPipeline(_ name: String, declaration: JSON, tags: [NamedValue]) -> AWSCall {
        var call = call("CreatePipeline", of: name) {
            $0.member("pipeline", declaration)
            $0.add(tags)
        }
        call.retryableCodes = ["ConcurrentModificationException"]
        return call
    }

    /// DeletePipeline; of a pipeline that does not exist it is a success.
    static func deletePipeline(_ name: String) -> AWSCall {
        var call = call("DeletePipeline", of: name) { $0.member("name", name) }
        call.retryableCodes = ["ConcurrentModificationException"]
        return call
    }

    /// ListTagsForResource: all tags of a pipeline, of which there can be 50.
    ///
    /// A pipeline that does not exist is an error with the code `ResourceNotFoundException`.
    static func listTags(ofPipeline arn: String) -> AWSCall {
        call("ListTagsForResource", of: arn) {
            $0.member("resourceArn", arn)
            $0.member("maxResults", 100)
        }
    }

    /// TagResource: sets tags of a pipeline, also those that it has with another value.
    static func setTags(_ tags: [NamedValue], ofPipeline arn: String) -> AWSCall {
        var call = call("TagResource", of: arn) {
            $0.member("resourceArn", arn)
            $0.add(tags)
        }
        call.retryableCodes = ["ConcurrentModificationException"]
        return call
    }

    package static func tags(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> [NamedValue] {
        try call.member("tags", of: response) { $0.array }.compactMap { tag in
            guard let key = tag["key"]?.string, let value = tag["value"]?.string else { return nil }
            return NamedValue(key, value)
        }
    }

    static func call(
        _ operation: String,
        of resource: String,
        _ members: (inout JSONWriter) -> Void
    ) -> AWSCall {
        .json(.codePipeline, operation, of: resource, targetPrefix: targetPrefix, members)
    }
}

extension JSONWriter {
    fileprivate mutating func add(_ tags: [NamedValue]) {
        objects("tags", tags) { json, tag in
            json.member("key", tag.name)
            json.member("value", tag.value)
        }
    }
}
