import AWS
import Codec
import Platform

/// What the outputs of a stack tell of it (`template.yaml`, `Outputs`).
struct Stack: Equatable {
    let bucket: String
    let prefix: String
    /// The ARN of the function `evaluate`.
    let evaluateFunction: String

    /// Reads the outputs (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html).
    ///
    /// - Parameter name: Its name or its ARN.
    init(_ name: String, _ access: AWSAccess) throws(Failure) {
        let call = AWSCall.form(
            .cloudFormation,
            "DescribeStacks",
            version: "2010-05-15",
            of: name,
            [NamedValue("StackName", name)]
        )
        let answer: HTTPResponse
        do throws(CallError) {
            let deadline = Deadline(access.clock.now().adding(milliseconds: Bucket.patience))
            answer = try access.client.send(call, deadline: deadline)
        } catch {
            throw Failure(
                "looking up the stack '\(name)' in \(access.client.region): \(error)"
            )
        }
        let outputs = Self.outputs(answer.body)
        func output(_ key: String) throws(Failure) -> String {
            guard let value = outputs[key] else {
                throw Failure(
                    "the stack '\(name)' in \(access.client.region) has no output \(key), so it is "
                        + "not one of Pointsman's, or is not deployed yet"
                )
            }
            return value
        }
        bucket = try output("Bucket")
        prefix = try output("Prefix")
        evaluateFunction = try output("EvaluateFunctionArn")
    }

    private static func outputs(_ answer: [UInt8]) -> [String: String] {
        let stack = (try? XML(parsing: answer))?["DescribeStacksResult"]?["Stacks"]?["member"]
        var outputs: [String: String] = [:]
        for output in stack?["Outputs"]?.all("member") ?? [] {
            guard let key = output["OutputKey"]?.text else { continue }
            outputs[key] = output["OutputValue"]?.text
        }
        return outputs
    }
}
