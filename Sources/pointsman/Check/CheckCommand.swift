import ArgumentParser
import Core
import Foundation
import Platform

/// `pointsman check`: says what is wrong with rules before they are deployed.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks rules, and the templates that declare them.",
        discussion: """
            A file is a rule (JSON), or a CloudFormation template (YAML or JSON) with resources of \
            type Custom::PipelineTrigger or Custom::MonoRepoTrigger. In a folder every such file is \
            checked, also one that is meant as a rule and is none, and others are passed over: so is what git \
            ignores in a clone, and elsewhere folders of dependencies, such as node_modules. What you name is read. \
            In a tree laid out as in S3, \
            rules/{source}/{repository}/{name}.json, a rule must lie in its own repository's folder.

            EXAMPLES
              pointsman check template.yaml           # a team's stack
              pointsman check .                       # all that a repository holds
              aws s3 cp s3://bucket/prefix/rules rules --recursive && pointsman check rules
              pointsman check --format github .       # in a workflow of GitHub Actions
              pointsman check --format sarif . >pointsman.sarif
              pointsman check - <rule.json            # from standard input
              pointsman check --fix rules             # and writes what it suggests

            GITHUB_SECRET_ARN, GITHUB_TOKEN_ARN and DOCKERHUB_TOKEN_ARN may name the stack's own \
            secrets, as in the functions' environment: a target that names one is an error.

            An error makes a rule invalid, or the update of a stack fail. A warning is about \
            something that does not do what it seems to. A note is about something that may be meant; with \
            --notes also about what is not known yet.

            With --fix what errors and warnings suggest is written into rules (JSON), as far as that is one \
            text, and listed; what is left is reported. Templates are not changed.

            Exit status: 0, nothing worse than warnings; 1, errors (with --strict also warnings); \
            2, a file cannot be read or, with --fix, written, or there is nothing to check.
            """
    )

    @Argument(help: "Files and folders; - is standard input.")
    var files: [String]

    @Option(help: "The format of the findings: text, json, github or sarif.")
    var format: ReportFormat?

    @Flag(help: "Count warnings as errors for the exit status.")
    var strict = false

    @Flag(help: "Write what is suggested into the files of rules, and report what is left.")
    var fix = false

    @Flag(help: "Tell also what is known at deployment only, and what providers do not tell.")
    var notes = false

    @Flag(name: .shortAndLong, help: "Print findings alone, without a summary.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Name the files that are passed over, and say why.")
    var verbose = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !quiet || !verbose else { throw ValidationError("either --quiet or --verbose") }
        guard !output.json || format == nil || format == .json else {
            throw ValidationError("--json says another format than --format")
        }
        guard !fix || !files.contains("-") else {
            throw ValidationError("--fix changes files, and standard input is none")
        }
    }

    func run() throws {
        let checkout = Checkout(of: ".")
        var checker = Checker(
            ownSecrets: OwnSecrets { Environment.process[$0] },
            checkout: checkout
        )
        var failures: [Failure] = []
        var fixes: [Correction.Fix] = []
        let walk = FileWalk(standardInput: { most in
            [UInt8]((try? FileHandle.standardInput.read(upToCount: most)) ?? Data())
        })
        walk.visit(files) { step in
            switch step {
            case .file(var file):
                if fix {
                    do throws(Failure) {
                        let corrected = CorrectedFile(file, checker.ownSecrets, checkout)
                        try corrected.write()
                        fixes += corrected.fixes
                        file = corrected.file
                    } catch {
                        failures.append(error)
                    }
                }
                checker.check(file)
            case .passedOver(let name, let reason): checker.passOver(name, reason)
            case .unreadable(let name, let reason):
                failures.append(Failure("'\(name)' \(reason)"))
            }
        }
        let format = output.json ? .json : format ?? .text
        var report = notes ? checker.report : checker.report.withoutAsides
        if fix { report.fixes = fixes }
        let detail: ReportDetail = quiet ? .findings : verbose ? .everything : .summary
        // Where nothing was checked, that there are no problems would be beside the point.
        let isForPeople = [.text, .github].contains(format)
        if report.files > 0 || !isForPeople {
            try StandardOutput.write(report.written(format, detail, for: output.terminal))
        }
        // SARIF has no place for what is no longer there.
        if format == .sarif { for fix in fixes { StandardError.tell("\(fix.line)") } }
        for failure in failures {
            StandardError.tell(failure.description)
        }
        if !failures.isEmpty { throw ExitCode.undone }
        if report.files == 0 {
            throw Failure("there is no rule and no template that declares one in what was named")
        }
        if report.fails(strictly: strict) { throw ExitCode.found }
    }
}

extension ReportFormat: ExpressibleByArgument {}

extension Report {
    /// Whether something is wrong.
    func fails(strictly: Bool) -> Bool {
        count(.error) > 0 || (strictly && count(.warning) > 0)
    }
}
