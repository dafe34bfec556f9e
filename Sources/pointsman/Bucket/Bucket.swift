import AWS
import Codec
import Core
import Platform

/// The bucket of a stack, read by the same client as the functions have.
struct Bucket {
    /// The prefix that `template.yaml` has unless an operator chooses another.
    static let usualPrefix = "mono-repo/config"

    let keys: BucketKeys
    /// What all keys begin with, without a slash at the end.
    var prefix: String { keys.prefix }
    /// The ARN of the function `evaluate`, where the stack was asked.
    let evaluateFunction: String?
    private let s3: S3
    private let access: AWSAccess
    var client: AWSClient { access.client }
    var clock: WallClock { access.clock }
    /// Whether its keys have ended, so that it has to be opened anew.
    var hasEnded: Bool { access.hasEnded }

    /// How long a command waits for AWS, in milliseconds.
    static let patience = 60_000

    init(
        _ name: String,
        prefix: String,
        access: AWSAccess,
        evaluateFunction: String? = nil
    ) {
        keys = BucketKeys(prefix: Configuration.withoutFinalSlash(prefix))
        s3 = S3(bucket: name)
        self.access = access
        self.evaluateFunction = evaluateFunction
    }

    /// Tells which deliveries have a decision record.
    var decisionLookup: DecisionLookup { DecisionLookup(client: client, s3: s3, keys: keys) }

    private var deadline: Deadline { Deadline(clock.now().adding(milliseconds: Self.patience)) }

    /// The objects whose keys begin with a text, and do not have the delimiter after that.
    func objects(
        below beginning: String,
        delimiter: String? = nil
    ) throws(Failure) -> [S3.ListedObject] {
        let deadline = deadline
        do throws(CallError) {
            let call = s3.listObjects(prefix: beginning, delimiter: delimiter)
            let first = try S3.page(of: call, client.send(call, deadline: deadline))
            return try client.allObjects(
                from: first,
                in: s3,
                prefix: beginning,
                delimiter: delimiter,
                deadline: deadline
            )
        } catch {
            throw Failure("listing rules or decisions: \(error)")
        }
    }

    /// The content of objects, by their whole keys; `nil` for one that is not there.
    func contents(of keys: [String]) throws(Failure) -> [[UInt8]?] {
        do throws(CallError) {
            var contents: [[UInt8]?] = []
            for content in contentsOrFailures(of: keys) { contents.append(try content.get()) }
            return contents
        } catch {
            throw Failure("reading rules or decisions: \(error)")
        }
    }

    /// The same, each by itself.
    func contentsOrFailures(of keys: [String]) -> [Result<[UInt8]?, CallError>] {
        let calls = keys.map { s3.getObject($0) }
        let answers = client.send(calls, deadline: deadline)
        return zip(calls, answers).map { call, answer in
            do throws(CallError) {
                guard let object = try S3.object(ofGet: call, answer.get()) else {
                    return .success(nil)
                }
                return .success(object.body)
            } catch {
                return .failure(error)
            }
        }
    }
}
