internal import Codec
internal import Platform

/// A build of OpenShift to start, as a rule describes it: by the generic webhook of a BuildConfig.
package struct OpenShiftBuildTarget: Equatable, Sendable {
    /// The secret that holds the webhook's URL.
    package var urlSecretARN: String
    /// PEM certificates to trust there; `nil` for the system's.
    package var caBundle: String?

    /// A target for one change.
    package struct Filled: Equatable, Sendable {
        /// The secret that holds the webhook's URL.
        package var urlSecretARN: String
        /// PEM certificates to trust there; `nil` for the system's.
        package var caBundle: String?
        /// The commit to build; `nil` where the change has none.
        package var revision: Revision?
    }

    /// The commit to build.
    package struct Revision: Equatable, Sendable {
        /// The URL to clone the repository from.
        package var uri: String?
        /// The ref that it was pushed to.
        package var ref: String?
        /// The commit.
        package var commit: String
        /// Who wrote it.
        package var author: Change.Author?
        /// Its message.
        package var message: String?
    }

    private static let place = "Target.OpenShiftBuild."
    private static let known = ["UrlSecretArn", "CABundle"]

    /// Reads the value of a rule's `Target.OpenShiftBuild`.
    static func read(_ value: JSON) throws(InvalidRule) -> OpenShiftBuildTarget {
        var properties = try PropertyReader(target: value, place: place, known: known)
        let secret =
            properties.required("UrlSecretArn") == nil
            ? nil : properties.fixedText("UrlSecretArn", .secretARN)
        let caBundle = properties.fixedText("CABundle", .certificates)
        guard let secret, properties.problems.isEmpty else {
            throw InvalidRule(problems: properties.problems)
        }
        return OpenShiftBuildTarget(urlSecretARN: secret, caBundle: caBundle)
    }

    /// Takes what is to be built from the change.
    package func filled(for change: Change) -> Filled {
        Filled(
            urlSecretARN: urlSecretARN,
            caBundle: caBundle,
            revision: change.after.map { commit in
                Revision(
                    uri: change.cloneURL.map(Self.cut),
                    ref: change.ref.map(Self.cut),
                    commit: commit,
                    author: change.author.map {
                        Change.Author(name: $0.name.map(Self.cut), email: $0.email.map(Self.cut))
                    },
                    message: change.message
                )
            }
        )
    }

    /// A text of the change, of which somebody else says how long it is.
    private static func cut(_ text: String) -> String { text.cut(to: 1_000) }
}
