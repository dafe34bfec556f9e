import Codec
import Foundation
import Platform

extension Report {
    /// The Static Analysis Results Interchange Format, version 2.1.0 (OASIS).
    var sarif: String {
        var json = JSONWriter()
        json.object { json in
            json.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
            json.member("version", "2.1.0")
            json.key("runs")
            json.array { json in
                json.object { json in
                    json.key("tool")
                    json.object { json in
                        json.key("driver")
                        json.object { json in
                            json.member("name", "pointsman")
                            json.member("version", Version.number)
                            json.member("semanticVersion", Version.withCommit)
                            json.key("rules")
                            json.array { json in
                                for id in FindingID.allCases { id.write(to: &json) }
                            }
                        }
                    }
                    json.member("columnKind", "unicodeCodePoints")
                    json.key("results")
                    json.array { json in
                        for finding in findings { finding.writeResult(to: &json) }
                    }
                }
            }
        }
        return String(printableJSON: json.bytes) + "\n"
    }
}

extension FindingID {
    /// A `reportingDescriptor`.
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", rawValue)
            json.message("shortDescription", help)
            json.message("help", "\(help) See docs/command-line.md, \"pointsman check\".")
            json.key("defaultConfiguration")
            json.object { json in json.member("level", severity.rawValue) }
        }
    }
}

extension Finding {
    /// A `result`.
    fileprivate func writeResult(to json: inout JSONWriter) {
        json.object { json in
            json.member("ruleId", id.rawValue)
            json.member("ruleIndex", FindingID.allCases.firstIndex(of: id))
            json.member("level", severity.rawValue)
            json.message("message", sentence)
            json.key("locations")
            json.array { json in
                json.object { json in
                    json.key("physicalLocation")
                    json.object { json in
                        json.key("artifactLocation")
                        json.object { json in json.member("uri", uri) }
                        json.key("region")
                        json.object { json in
                            json.member("startLine", start.line)
                            json.member("startColumn", start.column)
                            json.member("endLine", end.line)
                            json.member("endColumn", end.column)
                        }
                    }
                }
            }
        }
    }

    /// The file as a reference: relative as it was named, or absolute.
    private var uri: String {
        if file.hasPrefix("/") { return URL(filePath: file).absoluteString }
        // A first segment with a colon would be a scheme, were the colon not escaped.
        var allowed = CharacterSet.urlPathAllowed
        allowed.remove(":")
        return file.addingPercentEncoding(withAllowedCharacters: allowed) ?? file
    }
}

extension JSONWriter {
    /// A member that is a `message`.
    fileprivate mutating func message(_ name: String, _ text: String) {
        key(name)
        object { json in json.member("text", text) }
    }
}
