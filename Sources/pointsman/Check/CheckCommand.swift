import ArgumentParser
import Foundation
import Platform
import Trigger

/// `pointsman check`: says what is wrong with rules before they are deployed.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks rules, and the templates that declare them.",
        discussion: """
            A file is a rule (JSON), or a CloudFormation template (YAML or JSON) with resources of \
            type Custom::PipelineTrigger or Custom::MonoRepoTrigger. Of a folder all files are \
            looked at, and what is neither is passed over. In a tree laid out as in S3, \
            rules/{source}/{repository}/{name}.json, a rule must lie in its own repository's folder.

            EXAMPLES
              pointsman check template.yaml           # a team's stack
              pointsman check .                       # all that a repository holds
              aws s3 cp s3://bucket/prefix/rules rules --recursive && pointsman check rules
              pointsman check --format github .       # in a workflow of GitHub Actions
              pointsman check --format sarif . >pointsman.sarif
              pointsman check - <rule.json            # from standard input

            GITHUB_SECRET_ARN, GITHUB_TOKEN_ARN and DOCKERHUB_TOKEN_ARN may tell the secrets of the \
            stack itself, as the functions have them: a target that names one is an error.

            Errors make a rule invalid, or the stack's update fail. Warnings are about what will \
            not do what it seems to. Notes are about what cannot be known.

            Exit status: 0, nothing worse than warnings; 1, errors (with --strict also warnings); \
            2, a file cannot be read, or there is nothing to check.
            """
    )

    @Argument(help: "Files and folders; - is standard input.")
    var files: [String]

    @Option(help: "How to write what was found: text, json, github or sarif.")
    var format: ReportFormat?

    @Flag(help: "Let warnings count as errors do for the exit status.")
    var strict = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !output.json || format == nil || format == .json else {
            throw ValidationError("--json says another format than --format")
        }
    }

    func run() throws {
        var checker = Checker(ownSecrets: OwnSecrets { Environment.process[$0] })
        var failures: [Failure] = []
        let walk = FileWalk { most in
            [UInt8]((try? FileHandle.standardInput.read(upToCount: most)) ?? Data())
        }
        walk.visit(files) { step in
            switch step {
            case .file(let file): checker.check(file)
            case .passedOver: checker.passOver()
            case .unreadable(let failure): failures.append(failure)
            }
        }
        let format = output.json ? .json : format ?? .text
        let text = checker.report.written(format, for: output.terminal)
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw Failure("writing what was found: \(error.reason)")
        }
        for failure in failures {
            StandardError.tell(failure.description)
        }
        if !failures.isEmpty { throw ExitCode.undone }
        if checker.report.files == 0 {
            throw Failure("there is no rule and no template that declares one in what was named")
        }
        if checker.report.fails(strictly: strict) { throw ExitCode.found }
    }
}

extension ReportFormat: ExpressibleByArgument {}

extension Report {
    /// Whether something is wrong.
    func fails(strictly: Bool) -> Bool {
        count(.error) > 0 || (strictly && count(.warning) > 0)
    }
}
