import Codec
import Core

/// A rule for those who have none yet: as a file, and as a resource of a template.
struct FirstRule {
    var source = Change.Source.github
    var repository: String
    /// The glob of the branch; `nil` for an image, which has none.
    var branch: String?
    /// Globs; with none all paths count.
    var paths: [String] = []
    var starts: Starts
    var status: String?
    /// What its files are called, without what stands behind the dot.
    var name: String

    enum Starts: Equatable {
        case pipeline(String)
        case build(String)

        var name: String {
            switch self {
            case .pipeline(let name), .build(let name): name
            }
        }
    }

    /// The properties, in the order in which people write them.
    private var properties: [JSON.Member] {
        JSON([
            "Source": source == .github ? nil : .string(source.rawValue),
            "Repository": .string(repository),
            "Branches": branch.map { .array([.string($0)]) },
            "Paths": paths.isEmpty ? nil : .array(paths.map(JSON.string)),
            "Status": status.map(JSON.string),
            "Target": target,
        ]).members ?? []
    }

    /// The target; what it starts is to build the change's own commit, which no image has.
    private var target: JSON {
        switch starts {
        case .pipeline(let name):
            let action: JSON? = source.isOfImages ? nil : .string("Source")
            let settings = JSON(["Name": .string(name), "SourceAction": action])
            return JSON([Target.Kind.codePipeline.rawValue: settings])
        case .build(let project):
            let version: JSON? = source.isOfImages ? nil : .string("#{after}")
            let settings = JSON(["Project": .string(project), "SourceVersion": version])
            return JSON([Target.Kind.codeBuild.rawValue: settings])
        }
    }
}

extension Change.Source {
    /// Whether its repositories hold images, which have no branches and no paths.
    var isOfImages: Bool { self == .dockerhub || self == .ecr }
}

extension FirstRule {
    /// The rule as an object of JSON, a property on each line.
    var text: String {
        let lines = properties.map { "  \($0.onOneLine)" }
        return "{\n\(lines.joined(separator: ",\n"))\n}\n"
    }

    /// A template that declares the rule.
    var template: String {
        """
        AWSTemplateFormatVersion: "2010-09-09"
        Description: A rule of Pointsman.

        Parameters:
          AccountName:
            Type: String
            Description: The parameter of that name of Pointsman's stack; its exports begin with it.
            Default: tools

        Resources:
          Trigger:
            Type: Custom::PipelineTrigger
            Properties:
              ServiceToken: !ImportValue
                Fn::Sub: ${AccountName}-PipelineTrigger
              # Seconds that the stack waits for the answer; without it, an hour.
              ServiceTimeout: 120
        \(properties.flatMap { $0.lines(indent: "      ") }.joined(separator: "\n"))

        """
    }

    /// What `pointsman check` finds in the two, but for notes, each once.
    func problems(_ files: (rule: String, template: String)) -> [String] {
        var sentences: [String] = []
        for (name, text) in [(files.rule, text), (files.template, template)] {
            var checker = Checker(ownSecrets: .none)
            checker.check(CheckedFile(name: name, bytes: [UInt8](text.utf8), isNamed: true))
            for finding in checker.report.findings where finding.severity > .note {
                if !sentences.contains(finding.sentence) { sentences.append(finding.sentence) }
            }
        }
        return sentences
    }
}

extension JSON {
    /// The value with blanks, as people write it.
    fileprivate var onOneLine: String {
        switch self {
        case .array(let elements):
            "[\(elements.map(\.onOneLine).joined(separator: ", "))]"
        case .object(let members):
            "{ \(members.map(\.onOneLine).joined(separator: ", ")) }"
        default: String(decoding: encoded(), as: UTF8.self)
        }
    }
}

extension JSON.Member {
    fileprivate var onOneLine: String { "\(JSON.string(key).onOneLine): \(value.onOneLine)" }

    /// The member as YAML: texts in quotes, which are those of JSON, a list on one line.
    fileprivate func lines(indent: String) -> [String] {
        if let members = value.members {
            return ["\(indent)\(key):"] + members.flatMap { $0.lines(indent: indent + "  ") }
        }
        let line = "\(indent)\(key): \(value.onOneLine)"
        guard key == "SourceAction" else { return [line] }
        return ["\(indent)# The source action that is set to the pushed commit.", line]
    }
}

extension FirstRule {
    /// What to type next.
    ///
    /// - Parameter folder: Where its files are.
    func commands(in folder: String) -> [String] {
        let file = "\(folder)/\(name).yaml"
        guard let folder = folder.shellWord, let file = file.shellWord else { return [] }
        var commands = ["pointsman check --strict \(folder)"]
        let path = paths.isEmpty ? "README.md" : paths.lazy.compactMap(Self.example).first
        if let branch = branch.flatMap(Self.example)?.shellWord, let path = path?.shellWord,
            let repository = repository.shellWord
        {
            commands.append(
                "pointsman explain --repository \(repository) --branch \(branch) --path \(path) "
                    + "--rules \(folder)"
            )
        }
        // A stack's name has letters, digits and hyphens.
        let stack = "trigger-" + name.replacing(/[^A-Za-z0-9-]/, with: "-")
        commands.append(
            "aws cloudformation deploy --stack-name \(stack) --template-file \(file) "
                + "--parameter-overrides AccountName=tools"
        )
        return commands
    }

    /// A name that a glob matches, where that is easily found.
    private static func example(of glob: String) -> String? {
        let name = glob.replacing(/\*+/, with: "x")
        return (try? Glob(glob))?.matches(name) == true ? name : nil
    }
}
