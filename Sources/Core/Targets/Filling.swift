/// Fills the templates of one target for one change, and checks what comes of them.
struct Filling {
    /// The change.
    let change: Change
    /// What the target's properties are called in messages: `Target.CodePipeline.`.
    let place: String

    /// A property's text.
    func text(
        _ template: Template,
        _ name: String,
        _ kind: TargetText
    ) throws(RuleProblem) -> String {
        // One more than may be, so that what is too long is seen to be.
        let text = template.render(change, upTo: kind.longest + 1)
        guard kind.accepts(text) else {
            throw RuleProblem(
                place + name,
                "expected \(kind.expectation), found '\(clipped(text))', "
                    + "made of '\(clipped(template.text))'"
            )
        }
        return text
    }

    /// The text of a property that may be missing.
    func text(
        _ template: Template?,
        _ name: String,
        _ kind: TargetText
    ) throws(RuleProblem) -> String? {
        guard let template else { return nil }
        let text: String = try text(template, name, kind)
        return text
    }

    /// How AWS is to be called.
    ///
    /// The change's repository is the rule's: no other rule is asked to start anything.
    func access(_ access: AWSAccess) throws(RuleProblem) -> AWSAccess.Filled {
        AWSAccess.Filled(
            role: try text(access.roleARN, "RoleArn", .roleARN).map {
                AWSAccess.Role($0, for: change.repository)
            },
            region: try text(access.region, "Region", .region)
        )
    }
}
