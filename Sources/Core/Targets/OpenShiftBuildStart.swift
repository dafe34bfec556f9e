internal import Platform

extension OpenShiftBuildTarget.Filled {
    /// Asks the webhook for a build of the change's commit.
    func begin(_ start: Start, _ secrets: KeptSecrets) -> StartStep {
        secrets.reading(urlSecretARN, for: .url, of: start.repository) { (secret, wasKept) in
            guard let webhook = OpenShift.WebhookURL(secret) else {
                return .ended(
                    .refused(
                        "the secret \(urlSecretARN) does not hold the URL of a generic webhook, "
                            + "https://…/buildconfigs/<name>/webhooks/<secret>/generic"
                    )
                )
            }
            let call = OpenShift.build(
                revision.map(OpenShift.Revision.init),
                at: webhook,
                caBundle: caBundle.map { Array($0.utf8) }
            )
            let question = StartStep.Question(call: call) { result in
                do throws(CallError) {
                    switch try OpenShift.answer(of: call, result.get()) {
                    case .started(let name, let warning):
                        let words = name ?? "a build whose name the server does not tell"
                        return .ended(.started(warning.map { "\(words); \($0)" } ?? words))
                    case .skipped(let words): return .ended(.skipped(words))
                    }
                } catch {
                    // The URL may have been replaced since it was read; nothing was started.
                    if wasKept, error.status == 401 {
                        secrets.forget(urlSecretARN, asRole: nil)
                        return begin(start, secrets)
                    }
                    return .ended(StartOutcome(OpenShift.explained(error)))
                }
            }
            return .ask(question)
        }
    }
}

extension OpenShift.Revision {
    fileprivate init(_ revision: OpenShiftBuildTarget.Revision) {
        self.init(
            uri: revision.uri,
            ref: revision.ref,
            commit: revision.commit,
            authorName: revision.author?.name,
            authorEmail: revision.author?.email,
            message: revision.message
        )
    }
}
