import Codec
import Foundation
import LibFuzzer
import Platform

/// Feeds everything that reads what comes from outside, guided by what the input reaches.
///
///     fuzz list                         the targets' names
///     fuzz seeds EVENTS KEPT FOLDER     what each target begins with: FOLDER/TARGET/…
///     fuzz keep SEEDS FOUND FILE        inputs of FOUND that no seed is, one a line in base64
///     fuzz TARGET [ARGUMENTS]           libFuzzer, with its own arguments
///
/// EVENTS is the folder `events/`, KEPT is `Tests/Fuzz/Kept`. `scripts/fuzz.sh` builds this with libFuzzer and
/// AddressSanitizer: a trap, a bad access or an input that takes too long ends the process, and the input is written
/// to a file.
@main
struct Fuzz {
    /// Inputs of a target that are kept at most, and their bytes at most.
    private static let mostKept = 40
    private static let longestKept = 512

    /// Names the target to processes that libFuzzer begins.
    private static let variable = "POINTSMAN_FUZZ_TARGET"

    static func main() throws {
        let arguments = CommandLine.arguments
        // A process that libFuzzer has begun itself, to merge inputs.
        let environment = ProcessInfo.processInfo.environment
        if let target = Target.all.first(where: { $0.name == environment[variable] }) {
            unsafe chosen = target
            exit(run(Array(arguments.dropFirst())))
        }
        switch (arguments.dropFirst().first, arguments.count) {
        case ("list", 2): print(Target.all.map(\.name).joined(separator: "\n"))
        case ("seeds", 5):
            try writeSeeds(events: arguments[2], kept: arguments[3], folder: arguments[4])
        case ("keep", 5): try keep(arguments[3], besides: arguments[2], in: arguments[4])
        case (let name?, _):
            guard let target = Target.all.first(where: { $0.name == name }) else { fallthrough }
            unsafe chosen = target
            unsafe setenv(variable, name, 1)
            exit(run(Array(arguments.dropFirst(2))))
        default:
            print("usage: fuzz list | seeds EVENTS KEPT FOLDER | keep SEEDS FOUND FILE | TARGET …")
            exit(64)
        }
    }

    nonisolated(unsafe) private static var chosen: Target?

    /// Has libFuzzer call the target until it has enough; its exit status.
    private static func run(_ arguments: [String]) -> CInt {
        let all = [CommandLine.arguments[0]] + arguments
        var count = CInt(all.count)
        // They are used until the process ends.
        let texts = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: all.count + 1
        )
        for (index, text) in all.enumerated() { unsafe texts[index] = strdup(text) }
        unsafe texts[all.count] = nil
        var start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe texts
        return unsafe LLVMFuzzerRunDriver(&count, &start) { data, size in
            let input = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
            _ = unsafe Fuzz.chosen?.run(input)
            return 0
        }
    }

    private static func writeSeeds(events: String, kept: String, folder: String) throws {
        let corpus = try Corpus(folder: events)
        for target in Target.all {
            let place = URL(fileURLWithPath: folder).appending(path: target.name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let lines = try? String(contentsOfFile: "\(kept)/\(target.name).txt", encoding: .utf8)
            let found = (lines ?? "").split(separator: "\n").compactMap {
                Data(base64Encoded: String($0))
            }
            for seed in target.seeds(corpus).map({ Data($0) }) + found {
                let name = Hex.lower(SHA1.hash(Array(seed)))
                try seed.write(to: place.appending(path: name))
            }
        }
    }

    private static func keep(_ found: String, besides seeds: String, in file: String) throws {
        let known = Set(try FileManager.default.contentsOfDirectory(atPath: seeds))
        let inputs = try FileManager.default.contentsOfDirectory(atPath: found)
            .filter { !known.contains($0) }
            .map { try Data(contentsOf: URL(fileURLWithPath: "\(found)/\($0)")) }
            .filter { $0.count <= longestKept }
            .sorted { ($0.count, $0.base64EncodedString()) < ($1.count, $1.base64EncodedString()) }
        // Of many that cover a little each, an even choice over their lengths.
        let step = max(1, (inputs.count + mostKept - 1) / mostKept)
        let chosen = stride(from: 0, to: inputs.count, by: step).map { inputs[$0] }
        let text = chosen.map { $0.base64EncodedString() + "\n" }.joined()
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }
}

/// One reader, and what its inputs begin with.
struct Target {
    var name: String
    var seeds: (Corpus) -> [[UInt8]]
    /// Whether it takes an input.
    var run: ([UInt8]) -> Bool

    init(
        _ name: String,
        _ seeds: @escaping (Corpus) -> [[UInt8]],
        _ run: @escaping ([UInt8]) -> Bool
    ) {
        self.name = name
        self.seeds = seeds
        self.run = run
    }

    /// All readers of what comes from outside.
    static var all: [Target] {
        [
            Target("envelope", { $0.envelopes }, Targets.envelope),
            Target("json", { $0.bodies }, Targets.json),
            Target("github", { $0.bodies }, Targets.delivery),
            Target("codecommit", { $0.codeCommit }, Targets.envelope),
            Target("dockerhub", { $0.dockerHub }, Targets.dockerHub),
            Target("gitea", { $0.gitea }, Targets.gitea),
            Target("gitlab", { $0.gitLab }, Targets.gitLab),
            Target("ecr", { $0.ecr }, Targets.envelope),
            Target("cloudformation", { $0.cloudFormation }, Targets.cloudFormation),
            Target("hand-over", { $0.handOvers }, Targets.handOver),
            Target("form", { $0.forms }, Targets.form),
            Target("glob", { _ in Corpus.globs }, Targets.glob),
            Target("expression", { _ in Corpus.expressions }, Targets.expression),
            Target("rule", { _ in Corpus.rules }, Targets.rule),
            Target("stored", { _ in Corpus.stored }, Targets.stored),
            Target("run-event", { $0.runs }, Targets.runEvent),
            Target("secret", { _ in Corpus.targetSecrets }, Targets.targetSecret),
            Target("github-files", { _ in Corpus.files }, Targets.files),
            Target("other-files", { _ in Corpus.otherFiles }, Targets.otherFiles),
            Target("aws-answer", { _ in Corpus.awsAnswers }, Targets.awsAnswer),
            Target("cluster-answer", { _ in Corpus.clusterAnswers }, Targets.clusterAnswer),
            Target("xml", { _ in Corpus.awsAnswers }, Targets.xml),
            Target("text", { _ in Corpus.texts }, Targets.text),
            Target("certificate", { _ in Corpus.certificates }, Targets.certificate),
            Target("http", { _ in Corpus.responses }, Targets.response),
        ]
    }
}
