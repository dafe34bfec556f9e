import Codec
import Trigger

/// The S3 key of a rule in a file, by what the rule says.
struct RuleFileKey {
    /// The file's name without `.json`.
    private let name: String
    private let properties: JSON

    /// Reads a file's content; throws why it is no rule.
    init(file: String, object: [UInt8]) throws(Failure) {
        if let breach = Budget.object.breach(by: object.count) { throw Failure(breach) }
        do throws(JSONError) {
            properties = try JSON(parsing: object)
        } catch {
            throw Failure(error.description)
        }
        let name = file.split(separator: "/").last ?? ""
        self.name = String(name.hasSuffix(".json") ? name.dropLast(5) : name)
    }

    /// The key; throws where the rule does not say what it is about.
    func key(prefix: String) throws(Failure) -> String {
        if let earlier = earlierKey(prefix: prefix) { return earlier }
        guard let place = RuleDefinition.place(properties) else { throw Failure(problems) }
        return RuleKey.current(
            prefix: prefix,
            source: place.source,
            repository: place.repository,
            name: name
        )
    }

    /// The key of a rule of TrainingPeaks' mono-repo trigger, whose properties have other names.
    private func earlierKey(prefix: String) -> String? {
        guard let repository = properties["GitHubRepo"]?.string,
            let branch = properties["GitHubBranch"]?.string,
            let pipeline = properties["CodePipelineName"]?.string
        else { return nil }
        return RuleKey.earlier(
            prefix: prefix,
            repository: repository,
            branch: branch,
            pipeline: pipeline
        )
    }

    private var problems: String {
        do throws(InvalidRule) {
            _ = try RuleDefinition.read(properties)
            return "it does not say what it is about"
        } catch {
            return error.description
        }
    }
}
