internal import AWS
internal import Codec

extension PropertyReader {
    /// Reads a target, which is an object.
    init(
        target value: JSON,
        _ kind: Target.Kind,
        known: [String],
        elsewhere: [(name: String, place: String)] = []
    ) throws(InvalidRule) {
        guard value.members != nil else {
            throw InvalidRule(problems: [
                RuleProblem("Target.\(kind.rawValue)", "expected an object, found \(value.inWords)")
            ])
        }
        self.init(value, target: kind.rawValue, known: known, elsewhere: elsewhere)
    }

    /// What was read; throws every problem that was found on the way.
    func checked<Value>(_ value: Value) throws(InvalidRule) -> Value {
        guard problems.isEmpty else { throw InvalidRule(problems: problems) }
        return value
    }

    /// A template that must be there; an empty one if that is not so, which is a problem.
    mutating func requiredText(
        _ name: String,
        _ kind: TargetText,
        isLasting: Bool = false
    ) -> Template {
        guard required(name) != nil else { return .empty }
        return (isLasting ? lastingText(name, kind) : text(name, kind)) ?? .empty
    }

    /// A template; one without placeholders must look like the text it is for.
    mutating func text(_ name: String, _ kind: TargetText) -> Template? {
        guard let string = string(name), let template = template(string, name) else { return nil }
        if template.isFixed, !kind.accepts(string) {
            report(name, "expected \(kind.expectation), found '\(clipped(string))'")
            return nil
        }
        return template
    }

    /// A text without placeholders, so that nobody who names a branch chooses a secret, or where it
    /// is sent.
    mutating func fixedText(_ name: String, _ kind: TargetText) -> String? {
        guard let string = string(name) else { return nil }
        if let template = template(string, name), !template.isFixed {
            report(name, "expected no placeholder here, found '\(clipped(string))'")
            return nil
        }
        guard kind.accepts(string) else {
            report(name, "expected \(kind.expectation), found '\(clipped(string))'")
            return nil
        }
        return string
    }

    /// A text that must be there, likewise.
    mutating func requiredFixedText(_ name: String, _ kind: TargetText) -> String {
        required(name) == nil ? "" : fixedText(name, kind) ?? ""
    }

    /// A template that is the same for a pull request's whole life, so that what was created for one
    /// change is found again for another.
    mutating func lastingText(_ name: String, _ kind: TargetText) -> Template? {
        text(
            name,
            kind,
            allowing: [.repository, .pullRequest],
            ": the pipeline is looked for under the same name in the same place until the pull "
                + "request is closed"
        )
    }

    /// A map of templates, whose names must look like that; one with too many is not read.
    mutating func templates(
        _ name: String,
        names kind: TargetText,
        atMost maximum: Int
    ) -> [NamedTemplate] {
        guard let value = value(name) else { return [] }
        guard let members = value.members else {
            report(name, "expected a map of strings, found \(value.inWords)")
            return []
        }
        guard members.count <= maximum else {
            report(name, "expected at most \(maximum) variables, found \(members.count)")
            return []
        }
        var templates: [NamedTemplate] = []
        for member in members.lastOfEachName {
            let place = "\(name).\(clipped(member.key))"
            if !kind.accepts(member.key) { report(place, "expected \(kind.expectation)") }
            guard let string = member.value.string else {
                report(place, "expected a string, found \(member.value.inWords)")
                continue
            }
            if let template = template(string, place) {
                templates.append(NamedTemplate(name: member.key, value: template))
            }
        }
        return templates
    }

    /// How AWS is to be called: `RoleArn` and `Region`.
    mutating func access() -> AWSAccess<Template> {
        AWSAccess(roleARN: roleARN(), region: text("Region", .region))
    }

    /// `RoleArn`, which nobody who names a branch chooses.
    mutating func roleARN() -> Template? { text("RoleArn", .roleARN, allowing: [.repository]) }

    private mutating func text(
        _ name: String,
        _ kind: TargetText,
        allowing placeholders: [Template.Placeholder],
        _ reason: String = ""
    ) -> Template? {
        guard let template = text(name, kind) else { return nil }
        guard template.placeholders.allSatisfy({ placeholders.contains($0) }) else {
            let allowed = placeholders.map { "#{\($0.rawValue)}" }.joined(" and ")
            report(
                name,
                "expected no placeholder here but \(allowed), found '\(clipped(template.text))'"
                    + reason
            )
            return nil
        }
        return template
    }

    private mutating func template(_ string: String, _ name: String) -> Template? {
        do throws(TemplateError) {
            return try Template(string)
        } catch {
            report(name, error.description, .placeholder, column: error.column)
            return nil
        }
    }
}

/// Replaces the placeholders in the properties of one target for one change, and checks the result.
struct Resolver {
    let change: Change
    let target: Target.Kind

    init(_ change: Change, _ target: Target.Kind) {
        self.change = change
        self.target = target
    }

    func problem(
        _ name: String,
        _ message: String,
        kind: RuleProblem.Kind = .value
    ) -> RuleProblem {
        RuleProblem("Target.\(target.rawValue).\(name)", message, kind: kind)
    }

    func text(
        _ template: Template,
        _ name: String,
        _ kind: TargetText
    ) throws(RuleProblem) -> String {
        // One more than may be, so that what is too long is seen to be.
        let text = template.render(change, upTo: kind.maximumLength + 1)
        guard kind.accepts(text) else {
            throw problem(
                name,
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
        return try text(template, name, kind) as String
    }

    /// The change's repository is the rule's: no other rule is asked to start anything.
    func access(_ access: AWSAccess<Template>) throws(RuleProblem) -> AWSAccess<String> {
        AWSAccess(
            role: try text(access.roleARN, "RoleArn", .roleARN).map {
                AssumedRoles.Role(
                    arn: $0,
                    sessionName: AWSAccess.sessionName(for: change.repository)
                )
            },
            region: try text(access.region, "Region", .region)
        )
    }
}

/// As whom and where a target calls AWS.
struct AWSAccess<Text: Equatable & Sendable>: Equatable, Sendable {
    /// The role to call with; `nil` for the function's own.
    var roleARN: Text?
    /// The region; `nil` for the function's own.
    var region: Text?
    /// The name of the role's session, once the role is known.
    private(set) var sessionName = ""
}

extension AWSAccess<String> {
    init(role: AssumedRoles.Role?, region: String? = nil) {
        self.init(roleARN: role?.arn, region: region, sessionName: role?.sessionName ?? "")
    }

    var role: AssumedRoles.Role? {
        roleARN.map { AssumedRoles.Role(arn: $0, sessionName: sessionName) }
    }

    /// `pointsman-acme-shop`: the repository in lower case, with `-` for every character that
    /// STS refuses, all cut to the 64 that it takes (AWS STS API reference, AssumeRole).
    ///
    /// The session says for whose rule it is: a trust policy can demand that, and CloudTrail shows it.
    static func sessionName(for repository: String) -> String {
        var name = String.UnicodeScalarView("pointsman-".unicodeScalars)
        for scalar in repository.asciiLowercased.unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9", "_", "+", "=", ",", ".", "@", "-": name.append(scalar)
            default: name.append("-")
            }
        }
        return String(name).cut(to: 64)
    }
}
