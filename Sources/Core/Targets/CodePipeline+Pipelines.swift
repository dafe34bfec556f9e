package import AWS
package import Codec
package import Platform

/// Pipelines themselves: what they are made of, whose they are, and which there are.
extension CodePipeline {
    /// A pipeline as it is stored.
    package struct Pipeline: Equatable, Sendable {
        /// Its declaration; secrets in it are masked.
        package var declaration: JSON
        /// Its ARN.
        package var arn: String
    }

    /// A tag of a pipeline.
    package struct Tag: Equatable, Sendable {
        /// The tag's key.
        package var key: String
        /// The tag's value.
        package var value: String

        /// Makes a tag.
        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// GetPipeline.
    package static func getPipeline(_ name: String) -> AWSCall {
        call("GetPipeline", of: name) { $0.member("name", name) }
    }

    /// Reads the answer to `getPipeline`.
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
    package static func createPipeline(
        _ name: String,
        declaration: JSON,
        tags: [Tag]
    ) -> AWSCall {
        var call = call("CreatePipeline", of: name) {
            $0.key("pipeline")
            $0.value(declaration)
            $0.add(tags)
        }
        call.retryableCodes = ["ConcurrentModificationException"]
        return call
    }

    /// DeletePipeline; of a pipeline that does not exist it is a success.
    package static func deletePipeline(_ name: String) -> AWSCall {
        var call = call("DeletePipeline", of: name) { $0.member("name", name) }
        call.retryableCodes = ["ConcurrentModificationException"]
        return call
    }

    /// ListTagsForResource: all tags of a pipeline, of which there can be 50.
    ///
    /// A pipeline that does not exist is an error with the code `ResourceNotFoundException`.
    package static func listTags(ofPipeline arn: String) -> AWSCall {
        call("ListTagsForResource", of: arn) {
            $0.member("resourceArn", arn)
            $0.member("maxResults", 100)
        }
    }

    /// TagResource: sets tags of a pipeline, also those that it has with another value.
    package static func setTags(_ tags: [Tag], ofPipeline arn: String) -> AWSCall {
        var call = call("TagResource", of: arn) {
            $0.member("resourceArn", arn)
            $0.add(tags)
        }
        call.retryableCodes = ["ConcurrentModificationException"]
        return call
    }

    /// Reads the answer to `listTags`.
    package static func tags(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> [Tag] {
        guard let tags = (try? JSON(parsing: response.body))?["tags"]?.array else {
            throw .unreadable(call, response, "the answer has no tags")
        }
        return tags.compactMap { tag in
            guard let key = tag["key"]?.string, let value = tag["value"]?.string else { return nil }
            return Tag(key, value)
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
    /// Adds the member `tags`.
    fileprivate mutating func add(_ tags: [CodePipeline.Tag]) {
        key("tags")
        array { writer in
            for tag in tags {
                writer.object {
                    $0.member("key", tag.key)
                    $0.member("value", tag.value)
                }
            }
        }
    }
}
