internal import Codec

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
