import AWS
import Codec
import Core
import Foundation
import Platform
import Synchronization

/// Where the console reads objects: a stack's bucket, a folder laid out as one, or memory.
struct ObjectSource {
    struct Listed {
        var key: String
        /// What changes when the object is written anew.
        var version: String
        var size: Int
    }

    /// `the bucket acme-pointsman`.
    let place: String
    let keys: BucketKeys
    /// The region of targets that name none; `nil` if it is not known.
    var region: String?
    var commands = RecordCommands.Place.none
    /// What is to be known of its records' commands and links.
    var note: String?
    /// Whether nothing of what its records say was started in truth.
    var isDryRun = false
    /// The days that have records, the latest first; `nil` where it cannot be asked for.
    var days: (() throws(Failure) -> [String])?
    /// The objects whose keys begin with a text, and do not have the delimiter after that.
    let list: (_ beginning: String, _ delimiter: String?) throws(Failure) -> [Listed]
    /// The content of objects, each by itself; `nil` for one that is not there.
    let read: (_ keys: [String]) -> [Result<[UInt8]?, Failure>]

    var prefix: String { keys.prefix }

    /// The content of objects; throws if one of them cannot be read.
    func contents(_ keys: [String]) throws(Failure) -> [[UInt8]?] {
        var contents: [[UInt8]?] = []
        for result in read(keys) { contents.append(try result.get()) }
        return contents
    }
}

extension ObjectSource {
    /// A bucket, opened once more where its keys have ended.
    static func bucket(
        _ options: StackOptions,
        open: @escaping () throws(Failure) -> Bucket
    ) throws(Failure) -> ObjectSource {
        var bucket = try open()
        func current() throws(Failure) -> Bucket {
            if bucket.hasEnded { bucket = try open() }
            return bucket
        }
        let place =
            switch options.place() {
            case .bucket(let name, _): "the bucket \(name)"
            case .stack(let name): "the bucket of the stack \(name)"
            case nil: "the bucket"
            }
        return ObjectSource(
            place: place,
            keys: bucket.keys,
            region: bucket.client.region,
            commands: .stack(options.place()),
            list: { (beginning, delimiter) throws(Failure) in
                try current().objects(below: beginning, delimiter: delimiter)
                    .map { Listed(key: $0.key, version: $0.etag, size: $0.size) }
            },
            read: { keys in
                do throws(Failure) {
                    return try current().contentsOrFailures(of: keys).map { result in
                        result.mapError { Failure("reading the bucket: \($0)") }
                    }
                } catch {
                    return keys.map { _ in .failure(error) }
                }
            }
        )
    }
}

extension ObjectSource {
    /// A folder that holds `decisions/`, `rules/` and so on, as the bucket does below its prefix.
    static func folder(_ path: String, prefix: String) throws(Failure) -> ObjectSource {
        let keys = BucketKeys(prefix: prefix)
        let root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        func file(_ key: String) -> String { root + key.dropFirst(prefix.count) }
        // A record names keys, and may be anybody's.
        func isWithin(_ key: String) -> Bool {
            key.hasPrefix("\(prefix)/")
                && !key.split(separator: "/").contains { $0 == ".." || $0 == "." }
        }
        guard FileAttributeType(at: URL(filePath: root).resolvingSymlinksInPath().path) != nil
        else {
            throw Failure("reading records: there is no folder '\(path)'")
        }
        let parts = [keys.decisions, keys.rules].map(file)
        guard parts.contains(where: FileManager.default.fileExists) else {
            throw Failure(
                "reading records: '\(path)' holds neither decisions/ nor rules/, so it is not laid "
                    + "out as a bucket is below its prefix"
            )
        }
        return ObjectSource(
            place: "the folder \(path)",
            keys: keys,
            commands: .folder(root, prefix: prefix),
            days: { () throws(Failure) in
                let folder = file(String(keys.decisions.dropLast()))
                guard FileManager.default.fileExists(atPath: folder) else { return [] }
                return try names(in: folder).filter(WhyCommand.isDay).sorted(by: >)
            },
            list: { (beginning, delimiter) throws(Failure) in
                let folder = beginning.prefix(
                    through: beginning.lastIndex(of: "/") ?? beginning.startIndex
                )
                return try objects(in: String(folder.dropLast()), deep: delimiter == nil, file)
                    .filter { $0.key.utf8.starts(with: beginning.utf8) }
            },
            read: { keys in
                keys.map { isWithin($0) ? content(of: file($0)) : .success(nil) }
            }
        )
    }

    /// Larger objects are none of the functions'.
    private static let largest = 16 << 20

    private static func names(in folder: String) throws(Failure) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw Failure("reading folder '\(folder)': \(error.reason)")
        }
    }

    /// The JSON files of a folder; links to folders are not followed.
    private static func objects(
        in folder: String,
        deep: Bool,
        _ file: (String) -> String
    ) throws(Failure) -> [Listed] {
        guard FileManager.default.fileExists(atPath: file(folder)) else { return [] }
        var objects: [Listed] = []
        for name in try names(in: file(folder)).sorted() where !name.hasPrefix(".") {
            let key = "\(folder)/\(name)"
            guard
                let attributes = try? FileManager.default.attributesOfItem(atPath: file(key))
            else { continue }
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory? where deep:
                objects += try self.objects(in: key, deep: true, file)
            case .typeRegular? where name.hasSuffix(".json"):
                let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
                let time = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
                objects.append(Listed(key: key, version: "\(time) \(size)", size: size))
            default: break
            }
        }
        return objects
    }

    private static func content(of file: String) -> Result<[UInt8]?, Failure> {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        guard attributes?[.type] as? FileAttributeType == .typeRegular else { return .success(nil) }
        guard (attributes?[.size] as? NSNumber)?.intValue ?? 0 <= largest else {
            return .failure(Failure("reading \(file): it has more than \(largest) bytes"))
        }
        do {
            return .success([UInt8](try Data(contentsOf: URL(filePath: file))))
        } catch {
            return .failure(Failure("reading \(file): \(error.reason)"))
        }
    }
}

extension ObjectSource {
    /// What `local` has in memory.
    static func memory(
        _ objects: MemoryObjects,
        prefix: String,
        region: String,
        isDryRun: Bool = false
    ) -> ObjectSource {
        let keys = BucketKeys(prefix: prefix)
        let note =
            "These records are in the memory of pointsman local and end with it: why and replay do not find "
            + "them. explain takes the file that was sent."
        return ObjectSource(
            place: "this run of pointsman local",
            keys: keys,
            region: region,
            note: isDryRun ? "A dry run: nothing was started in AWS. \(note)" : note,
            isDryRun: isDryRun,
            days: {
                let days = objects.all.keys.compactMap { key in
                    key.text.hasPrefix(keys.decisions)
                        ? String(key.text.dropFirst(keys.decisions.count).prefix(10)) : nil
                }
                return Set(days).sorted(by: >)
            },
            list: { beginning, delimiter in
                objects.all.filter { key, _ in
                    guard key.text.utf8.starts(with: beginning.utf8) else { return false }
                    let rest = key.text.utf8.dropFirst(beginning.utf8.count)
                    return delimiter.map { !rest.contains($0.utf8) } ?? true
                }.sorted { $0.key < $1.key }.map { key, content in
                    Listed(
                        key: key.text,
                        version: Hex.lower(SHA1.hash(content)),
                        size: content.count
                    )
                }
            },
            read: { keys in keys.map { .success(objects.all[ByteKey($0)]) } }
        )
    }
}

/// Objects in memory, which are replaced as a whole.
final class MemoryObjects: Sendable {
    private let objects = Mutex<[ByteKey: [UInt8]]>([:])

    var all: [ByteKey: [UInt8]] { objects.withLock(\.self) }

    func replace(_ all: [ByteKey: [UInt8]]) {
        objects.withLock { $0 = all }
    }
}
