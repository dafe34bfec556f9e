internal import AWS
internal import Platform
internal import Trigger

/// A pipeline and the tags that say whose it is.
struct OwnedPipeline {
    var pipeline: CodePipeline.Pipeline
    var tags: [CodePipeline.Tag]

    /// The value of a tag.
    func tag(_ key: String) -> String? {
        tags.first { isSame($0.key, key) }?.value
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
                return tags(of: pipeline, access, then: then)
            }
        )
    }

    private static func tags(
        of pipeline: CodePipeline.Pipeline,
        _ access: AWSAccess.Filled,
        then: @escaping (Result<OwnedPipeline?, CallError>) -> StartStep
    ) -> StartStep {
        let call = CodePipeline.listTags(ofPipeline: pipeline.arn)
        return .send(
            Request(call: call, access: access) { result in
                do throws(CallError) {
                    let tags = try CodePipeline.tags(of: call, result.get())
                    return then(.success(OwnedPipeline(pipeline: pipeline, tags: tags)))
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
}
