internal import Codec
internal import Platform

extension PropertyReader {
    /// Reads a target, which is an object.
    init(
        target value: JSON,
        place: String,
        known: [String],
        elsewhere: [(name: String, place: String)] = []
    ) throws(InvalidRule) {
        guard value.members != nil else {
            throw InvalidRule(problems: [
                RuleProblem(
                    String(decoding: place.utf8.dropLast(), as: UTF8.self),
                    "expected an object, found \(value.inWords)"
                )
            ])
        }
        self.init(value, place: place, known: known, elsewhere: elsewhere)
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

    /// A text that is the same for every change: a secret, or where one goes, is not for whoever
    /// names a branch to choose.
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

    /// A template that is the same for a pull request's whole life: what was made on one change is
    /// found again on another.
    mutating func lastingText(_ name: String, _ kind: TargetText) -> Template? {
        guard let template = text(name, kind) else { return nil }
        guard template.placeholders.allSatisfy({ $0 == .repository || $0 == .pullRequest }) else {
            report(
                name,
                "expected no placeholder here but #{repository} and #{pullRequest}, found "
                    + "'\(clipped(template.text))': the pipeline is looked for under the same name "
                    + "in the same place until the pull request is closed"
            )
            return nil
        }
        return template
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
    mutating func access() -> AWSAccess {
        AWSAccess(roleARN: roleARN(), region: text("Region", .region))
    }

    /// `RoleArn`: which role acts is not for whoever names a branch to choose.
    mutating func roleARN() -> Template? {
        guard let template = text("RoleArn", .roleARN) else { return nil }
        guard template.placeholders.allSatisfy({ $0 == .repository }) else {
            report(
                "RoleArn",
                "expected no placeholder here but #{repository}, found '\(clipped(template.text))'"
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

/// As whom and where a target of AWS's is called.
package struct AWSAccess: Equatable, Sendable {
    /// The role to call with; `nil` for the function's own.
    package var roleARN: Template?
    /// The region; `nil` for the function's own.
    package var region: Template?

    /// A role to call with, in a session that says for whose rule.
    package struct Role: Equatable, Sendable {
        /// The role's ARN.
        package var arn: String
        /// The session's name: a trust policy can demand it, and CloudTrail shows it.
        package var sessionName: String

        /// A role for a rule about a repository.
        package init(_ arn: String, for repository: String) {
            self.arn = arn
            self.sessionName = Self.sessionName(for: repository)
        }

        /// `pointsman-acme-shop`: the repository in lower case, with `-` for every character that
        /// STS refuses, all cut to the 64 that it takes (AWS STS API reference, AssumeRole).
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

    /// The same for one change: all placeholders filled.
    package struct Filled: Equatable, Sendable {
        /// The role to call with; `nil` for the function's own.
        package var role: Role?
        /// The region; `nil` for the function's own.
        package var region: String?

        /// As that role, there; `nil` for the function's own.
        package init(role: Role? = nil, region: String? = nil) {
            self.role = role
            self.region = region
        }
    }
}
