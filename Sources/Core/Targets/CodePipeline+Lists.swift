package import AWS
package import Codec
package import Platform

/// Lists of pipelines and of their runs.
extension CodePipeline {
    /// A pipeline as a list names it.
    package struct Summary: Equatable, Sendable {
        /// Its name.
        package var name: String
        /// When its declaration was last changed.
        package var updated: Timestamp?
    }

    /// A page of a list of pipelines.
    package struct Page: Equatable, Sendable {
        /// The pipelines.
        package var pipelines: [Summary]
        /// What the next page is asked for with; `nil` on the last.
        package var nextToken: String?
    }

    /// A run of a pipeline, as a list tells of it.
    package struct Run: Equatable, Sendable {
        /// It has not come to an end.
        package var isUnderWay: Bool
        /// When something last happened in it.
        package var updated: Timestamp?
    }

    /// ListPipelines: a page of up to 1000.
    package static func listPipelines(nextToken: String?) -> AWSCall {
        call("ListPipelines", of: "all pipelines") {
            $0.member("nextToken", nextToken)
            $0.member("maxResults", 1_000)
        }
    }

    /// Reads the answer to `listPipelines`.
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
    package static func latestExecution(of pipeline: String) -> AWSCall {
        call("ListPipelineExecutions", of: pipeline) {
            $0.member("pipelineName", pipeline)
            $0.member("maxResults", 1)
        }
    }

    /// Reads the answer to `latestExecution`; `nil` where the pipeline has not run.
    package static func run(of call: AWSCall, _ response: HTTPResponse) throws(CallError) -> Run? {
        let root = try? JSON(parsing: response.body)
        guard let runs = root?["pipelineExecutionSummaries"]?.array else {
            throw .unreadable(call, response, "the answer has no pipelineExecutionSummaries")
        }
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
