import Codec
import Core
import Foundation
import Platform

/// Feeds mutated input to everything that reads what comes from outside.
///
///     fuzz EVENTS [CASES] [SEED]
///
/// EVENTS is the folder `events/`. Meant to run under AddressSanitizer (`scripts/fuzz.sh`): a
/// trap or a bad access ends the process, and a case of more than two seconds is a hang. The
/// last line names the seed; each target prints the case at which it stopped.
@main
struct Fuzz {
    /// Processor time, in microseconds, above which a case is a hang: what else runs does not count.
    static let slowest = 2_000_000

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("usage: fuzz EVENTS [CASES] [SEED]")
            exit(64)
        }
        let events = try Corpus(folder: arguments[1])
        let cases = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 1_000_000
        let seed = arguments.count > 3 ? UInt64(arguments[3]) ?? 1 : 1
        let targets: [(name: String, corpus: [[UInt8]], run: ([UInt8]) -> Bool)] = [
            ("envelope", events.envelopes, Targets.envelope),
            ("JSON", events.bodies, Targets.json),
            ("delivery", events.bodies, Targets.delivery),
            ("CodeCommit", events.codeCommit, Targets.envelope),
            ("Docker Hub", events.dockerHub, Targets.dockerHub),
            ("Gitea", events.gitea, Targets.gitea),
            ("GitLab", events.gitLab, Targets.gitLab),
            ("ECR", events.ecr, Targets.envelope),
            ("CloudFormation", events.cloudFormation, Targets.cloudFormation),
            ("hand-over", events.handOvers, Targets.handOver),
            ("form", events.forms, Targets.form),
            ("glob", Corpus.globs, Targets.glob),
            ("rule", Corpus.rules, Targets.rule),
            ("stored", Corpus.stored, Targets.stored),
            ("events of runs", events.runs, Targets.runEvent),
            ("target's secret", Corpus.targetSecrets, Targets.targetSecret),
            ("GitHub's files", Corpus.files, Targets.files),
            ("others' files", Corpus.otherFiles, Targets.otherFiles),
            ("AWS's answers", Corpus.awsAnswers, Targets.awsAnswer),
            ("clusters' answers", Corpus.clusterAnswers, Targets.clusterAnswer),
        ]
        for target in targets {
            var mutator = Mutator(seed: seed, corpus: target.corpus)
            let count = cases / targets.count
            var accepted = 0
            for number in 0..<count {
                let input = mutator.next()
                let began = clock()
                accepted += target.run(input) ? 1 : 0
                let took = clock() - began
                guard took < slowest else {
                    print("\(target.name) case \(number): \(took) us for \(input.count) bytes")
                    print(String(decoding: input.prefix(2_000), as: UTF8.self))
                    exit(1)
                }
            }
            print("\(target.name): \(count) cases, \(accepted) of them accepted")
            // Progress shows at once, also in a log file.
            fflush(nil)
        }
        print("no crash and no hang in \(cases) cases of seed \(seed)")
    }
}
