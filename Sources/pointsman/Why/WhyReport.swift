import Codec

/// What `why` shows: records in full, or a list of them.
struct WhyReport {
    var records: [SavedRecord]
    /// One line each.
    var isList = false
    /// What the rules' keys begin with.
    var prefix: String

    /// The report for people.
    func lines(_ terminal: Terminal) -> [String] {
        guard isList else {
            return records.enumerated().flatMap { index, record in
                (index > 0 ? [""] : []) + record.lines(terminal, prefix: prefix)
            }
        }
        let widest = records.map(\.delivery.printable.count).max() ?? 0
        // The whole id is what `why` is to be asked with.
        return records.flatMap { record in
            let head =
                "\(record.receivedAt.printable)  \(record.delivery.printable.padded(to: widest))  "
            let text = "\(record.summary): \(record.counts)".printable
            guard let width = terminal.width else { return [head + text] }
            guard head.count + 50 > width else {
                return [head + text.cutInTheMiddle(to: width - head.count)]
            }
            return [head, "  " + text.cutInTheMiddle(to: width - 2)]
        }
    }

    /// The report for programs: the records as they came.
    var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("records")
            json.array { json in
                for record in records {
                    json.object { json in
                        json.member("place", record.place)
                        json.key("record")
                        json.value(record.json)
                    }
                }
            }
        }
        return json.bytes
    }
}
