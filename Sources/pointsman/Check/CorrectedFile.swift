import Core

/// A rule's file in which what `check` suggests is written.
struct CorrectedFile {
    private(set) var file: CheckedFile
    /// What was changed, in the order in which it was.
    private(set) var fixes: [Correction.Fix] = []

    private let ownSecrets: OwnSecrets
    private let checkout: Checkout?
    /// What is wrong with the file as it is now.
    private var findings: [Finding] = []

    /// So often what is corrected is looked at again: `Branchs` with `^main$` takes two times.
    private static let mostRounds = 20

    /// Leaves alone what is no rule in JSON that can be read.
    init(_ file: CheckedFile, _ ownSecrets: OwnSecrets, _ checkout: Checkout? = nil) {
        self.file = file
        self.ownSecrets = ownSecrets
        self.checkout = checkout
        guard case .rule = file.content() else { return }
        findings = findings(in: file)
        for _ in 0..<Self.mostRounds {
            // A rule that is invalid cannot be made worse; what is wrong with one that is valid can.
            if correct({ $0.severity == .error }) { continue }
            if correct({ $0.severity < .error }) { continue }
            break
        }
    }

    private func findings(in file: CheckedFile) -> [Finding] {
        var checker = Checker(ownSecrets: ownSecrets, checkout: checkout)
        checker.check(file)
        return checker.report.findings
    }

    /// Applies the corrections of some findings; whether there was one that could be.
    private mutating func correct(_ isMeant: (Finding) -> Bool) -> Bool {
        var candidates: [Correction] = []
        for correction in findings.filter(isMeant).compactMap(\.correction)
        where !candidates.contains(where: { $0.touches(correction) }) {
            candidates.append(correction)
        }
        let isOfErrors = findings.contains { isMeant($0) && $0.severity == .error }
        var accepted: [Correction] = []
        add(candidates[...], to: &accepted, isOfErrors: isOfErrors)
        guard !accepted.isEmpty else { return false }
        fixes += accepted.flatMap(\.fixes)
        file = file.applying(accepted)
        findings = findings(in: file)
        return true
    }

    /// Accepts corrections together, or, where that makes the file worse, by halves.
    private func add(
        _ candidates: ArraySlice<Correction>,
        to accepted: inout [Correction],
        isOfErrors: Bool
    ) {
        guard !candidates.isEmpty else { return }
        let corrected = file.applying(accepted + candidates)
        if corrected.bytes != file.bytes, !isWorse(corrected, isOfErrors: isOfErrors) {
            accepted += candidates
        } else if candidates.count > 1 {
            let middle = candidates.startIndex + candidates.count / 2
            add(candidates[..<middle], to: &accepted, isOfErrors: isOfErrors)
            add(candidates[middle...], to: &accepted, isOfErrors: isOfErrors)
        }
    }

    /// Whether a file has two members of one name that it had not, or without need more errors.
    private func isWorse(_ corrected: CheckedFile, isOfErrors: Bool) -> Bool {
        guard case .rule = corrected.content() else { return true }
        let now = findings(in: corrected)
        func grows(_ isMeant: (Finding) -> Bool) -> Bool {
            now.count(where: isMeant) > findings.count(where: isMeant)
        }
        return grows { $0.id == .duplicateName } || (!isOfErrors && grows { $0.severity == .error })
    }
}

extension CorrectedFile {
    /// Writes what has changed into the file.
    func write() throws(Failure) {
        guard !fixes.isEmpty else { return }
        try FileReplacement(path: file.name).write(file.bytes)
    }
}
