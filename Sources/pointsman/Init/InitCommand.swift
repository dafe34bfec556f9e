import ArgumentParser
import Codec
import Core
import Foundation
import Platform

/// `pointsman init`: a first rule, and the template that declares it.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a first rule, and the template that declares it.",
        discussion: """
            The rule goes to DIR/NAME.json, for `pointsman explain` and `local`. The template goes to \
            DIR/NAME.yaml; its stack puts the rule into the bucket. On a terminal, what no option says \
            is asked for; in a clone, with its origin and its branch as the answers that Enter gives. \
            No file is overwritten.

            EXAMPLES
              pointsman init              # asks
              pointsman init --repository octo-org/monorepo --branch main \\
                --path 'services/api/**' --path 'lib/**' --pipeline api

            Exit status: 0, written; 2, a file is there already or cannot be written, or the rule \
            would not pass `pointsman check --strict`.
            """
    )

    @Option(help: "The repository, such as octo-org/monorepo.")
    var repository: String?

    @Option(
        help: ArgumentHelp(
            "Who tells of changes; github unless given.",
            valueName: "source"
        )
    )
    var source: Change.Source?

    @Option(help: "The branch that starts it, or a glob. Images have none.")
    var branch: String?

    @Option(help: "A glob of changed paths that start it; may be given again. Without it, all do.")
    var path: [String] = []

    @Option(help: ArgumentHelp("The pipeline of CodePipeline to start.", valueName: "name"))
    var pipeline: String?

    @Option(help: ArgumentHelp("The project of CodeBuild to start.", valueName: "project"))
    var build: String?

    @Option(help: "What the files are called; unless given, as what is started.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Set a commit status of this context when it ends.",
            valueName: "context"
        )
    )
    var status: String?

    @Option(help: ArgumentHelp("The folder to write to.", valueName: "dir"))
    var output = "rules"

    @Flag(help: "Print JSON, for programs.")
    var json = false

    func validate() throws {
        guard pipeline == nil || build == nil else {
            throw ValidationError("either --pipeline or --build")
        }
        guard name?.wholeMatch(of: Self.fileName) != nil || name == nil else {
            throw ValidationError("--name: expected letters, digits or . - _")
        }
    }

    private static var fileName: Regex<Substring> { /[A-Za-z0-9_][A-Za-z0-9_.-]*/ }

    func run() throws {
        let rule = try isatty(STDIN_FILENO) == 1 ? asked() : stated()
        let folder = output == "/" ? "" : output.hasSuffix("/") ? String(output.dropLast()) : output
        let files = try RuleFiles(of: rule, in: folder).written()
        let next = rule.commands(in: folder.isEmpty ? "/" : folder)
        let written = JSON([
            "written": .array(files.map(JSON.string)), "next": .array(next.map(JSON.string)),
        ])
        guard !json else {
            try StandardOutput.write(lines: [String(printableJSON: written.encoded())])
            return
        }
        var lines = files.map { "wrote \($0.printable)" }
        if case .pipeline = rule.starts, !rule.source.isOfImages {
            lines.append("If the pipeline's source action is not called Source, say so in both.")
        }
        if !next.isEmpty { lines += ["", "Next:"] + next.map { "  \($0)" } }
        try StandardOutput.write(lines: lines)
    }
}

extension Change.Source: ExpressibleByArgument {}

extension InitCommand {
    /// The rule by the options alone.
    private func stated() throws -> FirstRule {
        let source = source ?? .github
        let starts = starts
        var missing: [String] = []
        if repository == nil { missing.append("--repository") }
        if branch == nil, !source.isOfImages { missing.append("--branch") }
        if starts == nil { missing.append("--pipeline or --build") }
        guard let repository, let starts, missing.isEmpty else {
            let names = missing.joined(separator: ", ")
            throw ValidationError("\(names): missing, and there is no terminal to ask on")
        }
        return try rule(source, repository, branch, path, starts)
    }

    private var starts: FirstRule.Starts? {
        pipeline.map { .pipeline($0) } ?? build.map { .build($0) }
    }

    /// The rule by the options and, where these say nothing, by what the user types.
    private func asked() throws -> FirstRule {
        let clone = GitRepository(path: ".")
        let origin = clone.origin()?.repository
        let repository = try self.repository ?? Self.answer("Repository", usual: origin?.name)
        let isOrigin = repository == origin?.name
        let source = self.source ?? (isOrigin ? origin?.source : nil) ?? .github
        var (branch, paths) = (self.branch, path)
        if !source.isOfImages {
            if branch == nil {
                let current = try? clone.branch()
                branch = try Self.answer("Branch that starts it", usual: current ?? "main")
            }
            if paths.isEmpty {
                let globs = try Self.answer(
                    "Changed paths that start it, such as services/api/**, with blanks between "
                        + "(all)",
                    usual: ""
                )
                paths = globs.split(separator: " ").map(String.init)
            }
        }
        return try rule(source, repository, branch, paths, starts ?? Self.answeredStarts())
    }

    private static func answeredStarts() throws(Failure) -> FirstRule.Starts {
        let pipeline = try answer(
            "Pipeline of CodePipeline to start (none: a project of CodeBuild)",
            usual: ""
        )
        if !pipeline.isEmpty { return .pipeline(pipeline) }
        return .build(try answer("Project of CodeBuild to start", usual: nil))
    }

    /// What the user types, or for nothing the usual answer; without one it is asked again.
    private static func answer(_ question: String, usual: String?) throws(Failure) -> String {
        let hint = usual.flatMap { $0.isEmpty ? nil : " [\($0)]" } ?? ""
        while true {
            StandardError.write(Array("\(question)\(hint): ".printable.utf8))
            guard let line = readLine() else {
                StandardError.write([.lineFeed])
                throw Failure("nothing was written: an answer is missing")
            }
            let answer = line.trimmingCharacters(in: .whitespaces)
            if !answer.isEmpty { return answer }
            if let usual { return usual }
        }
    }

    private func rule(
        _ source: Change.Source,
        _ repository: String,
        _ branch: String?,
        _ paths: [String],
        _ starts: FirstRule.Starts
    ) throws -> FirstRule {
        FirstRule(
            source: source,
            repository: repository,
            branch: branch,
            paths: paths,
            starts: starts,
            status: status,
            name: name ?? starts.name.replacing(/[^A-Za-z0-9_.-]/, with: "-")
        )
    }
}
