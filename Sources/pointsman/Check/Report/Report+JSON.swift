import Codec

extension Report {
    /// For programs: one object, described in docs/command-line.md.
    var json: String {
        var json = JSONWriter()
        json.object { json in
            json.member("version", 1)
            json.key("findings")
            json.array { json in
                for finding in findings { finding.write(to: &json) }
            }
            json.key("summary")
            json.object { json in
                json.member("errors", count(.error))
                json.member("warnings", count(.warning))
                json.member("notes", count(.note))
                json.member("rules", rules)
                json.member("files", files)
                json.member("passedOver", passedOver)
            }
        }
        return String(printableJSON: json.bytes) + "\n"
    }
}

extension Finding {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id.rawValue)
            json.member("severity", severity.rawValue)
            json.member("file", file)
            json.member("line", start.line)
            json.member("column", start.column)
            json.member("endLine", end.line)
            json.member("endColumn", end.column)
            json.member("property", property)
            json.member("message", message)
            json.member("suggestion", suggestion)
        }
    }

    /// All that is to be said, in one line: `Paths[0]: …, did you mean …`.
    var sentence: String {
        let subject = property.isEmpty ? "" : "\(property): "
        return subject + message + (suggestion.map { ", \($0)" } ?? "")
    }
}
