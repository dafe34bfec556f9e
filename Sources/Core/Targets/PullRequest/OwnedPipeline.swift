internal import AWS
internal import Codec
internal import Platform

/// A pipeline and the tags that say whose it is.
struct OwnedPipeline {
    var name: String
    var pipeline: CodePipeline.Pipeline
    var tags: [CodePipeline.Tag]

    /// The value of a tag.
    func tag(_ key: String) -> String? {
        tags.first { isSame($0.key, key) }?.value
    }

    /// When that happened which it was last made or started for; `nil` also where that is later
    /// than now can be.
    func eventTime(at now: Timestamp) -> Timestamp? {
        let time = tag(PullRequestPipelineName.eventTimeKey).flatMap(Timestamp.init(iso8601:))
        return time?.isMadeUp(at: now) == true ? nil : time
    }

    /// Whether its tags say that it was made from that template.
    func isMade(from template: String) -> Bool {
        tag(PullRequestPipelineName.templateKey).map { isSame($0, template) } ?? false
    }
}

extension StartStep {
    /// Goes on with a pipeline and its tags; with none where there is no such pipeline.
    ///
    /// Nothing is done but reading.
    static func owner(
        of name: String,
        _ access: AWSAccess.Filled,
        then: @escaping (Result<OwnedPipeline?, CallError>) -> StartStep
    ) -> StartStep {
        let call = CodePipeline.getPipeline(name)
        return .send(
            Request(call: call, access: access) { result in
                let pipeline: CodePipeline.Pipeline
                do throws(CallError) {
                    pipeline = try CodePipeline.pipeline(of: call, result.get())
                } catch {
                    return then(absence(error, "PipelineNotFoundException"))
                }
                return tags(of: pipeline, named: name, access, then: then)
            }
        )
    }

    private static func tags(
        of pipeline: CodePipeline.Pipeline,
        named name: String,
        _ access: AWSAccess.Filled,
        then: @escaping (Result<OwnedPipeline?, CallError>) -> StartStep
    ) -> StartStep {
        let call = CodePipeline.listTags(ofPipeline: pipeline.arn)
        return .send(
            Request(call: call, access: access) { result in
                do throws(CallError) {
                    let tags = try CodePipeline.tags(of: call, result.get())
                    return then(
                        .success(OwnedPipeline(name: name, pipeline: pipeline, tags: tags))
                    )
                } catch {
                    return then(absence(error, "ResourceNotFoundException"))
                }
            }
        )
    }

    private static func absence(
        _ error: CallError,
        _ code: String
    ) -> Result<OwnedPipeline?, CallError> {
        error.code == code ? .success(nil) : .failure(error)
    }

    /// How many pages of pipelines are read, of 1000 each.
    private static let mostPages = 5

    /// Goes on with the pipelines whose names begin like that; a list that cannot be read ends the
    /// start.
    static func pipelines(
        beginning prefix: String,
        _ access: AWSAccess.Filled,
        then: @escaping ([CodePipeline.Summary]) -> StartStep
    ) -> StartStep {
        page(1, nextToken: nil, found: [], prefix, access, then)
    }

    private static func page(
        _ number: Int,
        nextToken: String?,
        found: [CodePipeline.Summary],
        _ prefix: String,
        _ access: AWSAccess.Filled,
        _ then: @escaping ([CodePipeline.Summary]) -> StartStep
    ) -> StartStep {
        let call = CodePipeline.listPipelines(nextToken: nextToken)
        return .read(call, access) { (response) throws(CallError) in
            let page = try CodePipeline.page(of: call, response)
            let all = found + page.pipelines.filter { $0.name.utf8.starts(with: prefix.utf8) }
            guard let next = page.nextToken, number < mostPages else { return then(all) }
            return Self.page(number + 1, nextToken: next, found: all, prefix, access, then)
        }
    }
}
