import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct RuleStoreTests {
    private static let folder = "\(Stage.prefix)/rules/github/acme/app/"

    private let stage: Stage
    private let store: RuleStore

    init() throws {
        stage = try Stage()
        store = RuleStore(services: stage.services)
    }

    private func put(_ name: String, _ members: String = "") {
        stage.aws.put(
            Self.folder + name,
            #"{"Repository":"acme/app","Target":{"CodePipeline":{"Name":"p"}}\#(members)}"#
        )
    }

    private func list(_ change: Change = .push()) throws -> RuleStore.Listing {
        try store.list(for: change, along: [], deadline: stage.deadline()).listing
    }

    /// `api start`, `web failed`, … of all rules that are listed for a push.
    private func decided() throws -> [String] {
        var listing = try list()
        var decided: [String] = []
        while let portion = store.next(of: &listing, deadline: stage.deadline()) {
            decided += portion.rules.decide(.push(["a"]), steps: portion.steps).map {
                "\($0.ruleKey.split(separator: "/").last ?? "") \($0.outcome.rawValue)"
            }
        }
        return decided
    }

    private var read: [String] {
        stage.aws.calls.filter { $0.hasPrefix("GET ") }
            .map { String($0.dropFirst("GET \(Self.folder)".count)) }
    }

    @Test func `the repository's rules are read in parallel`() throws {
        put("a.json")
        put("b.json", #","Branches":["none"]"#)
        #expect(try decided() == ["a.json start", "b.json skipped"])
        #expect(stage.aws.roundTrips == 2)
    }

    @Test func `other calls go along with the listings`() throws {
        let other = stage.services.s3.getObject("other")
        let responses = try store.list(for: .push(), along: [other], deadline: stage.deadline())
            .along
        #expect(try responses.map { try $0.get().status } == [404])
        #expect(stage.aws.roundTrips == 1)
    }

    @Test func `a listing that fails is an error`() throws {
        stage.aws.s3Error = (403, "AccessDenied")
        #expect(throws: CallError.self) { try list() }
    }

    @Test func `only what has changed is read again`() throws {
        put("a.json")
        put("b.json")
        _ = try decided()
        stage.aws.forgetCalls()
        #expect(try decided().count == 2)
        #expect(read.isEmpty)
        put("b.json", #","Branches":["none"]"#)
        #expect(try decided() == ["a.json start", "b.json skipped"])
        #expect(read == ["b.json"])
    }

    @Test func `what is not a rule's key is not read`() throws {
        stage.aws.put(Self.folder, "")
        stage.aws.put(Self.folder + "readme.txt", "")
        put("a.json")
        #expect(try decided() == ["a.json start"])
        #expect(read == ["a.json"])
    }

    @Test func `an object that is too large is not read, and is invalid`() throws {
        stage.aws.put(Self.folder + "large.json", String(repeating: " ", count: 65_537))
        put("small.json")
        #expect(try decided() == ["large.json invalid", "small.json start"])
        #expect(read == ["small.json"])
    }

    @Test func `an object that is gone since it was listed is no rule`() throws {
        put("a.json")
        put("b.json")
        let listing = try list()
        stage.aws.objects[Self.folder + "a.json"] = nil
        var rest = listing
        let portion = store.next(of: &rest, deadline: stage.deadline())
        #expect(portion?.rules.decide(.push(), steps: 1_000_000).count == 1)
    }

    @Test func `one that cannot be read says so, and is read again the next time`() throws {
        put("a.json")
        put("b.json")
        stage.aws.fault = { _, name in name.hasSuffix("/a.json") ? .status500 : nil }
        #expect(try decided() == ["a.json unread", "b.json start"])
        stage.aws.fault = { _, _ in nil }
        stage.aws.forgetCalls()
        #expect(try decided() == ["a.json start", "b.json start"])
        #expect(read == ["a.json"])
    }

    @Test func `a repository without rules has one portion, which is empty`() throws {
        var listing = try list()
        let portion = try #require(store.next(of: &listing, deadline: stage.deadline()))
        #expect(portion.isWhole)
        #expect(!portion.hasNext)
        #expect(portion.rules.decide(.push(), steps: portion.steps).isEmpty)
        #expect(store.next(of: &listing, deadline: stage.deadline()) == nil)
    }

    @Test(.thorough) func `rules that do not fit in memory come in portions that share the steps`()
        throws
    {
        let globs = (0..<900).map { "\"folder/\($0)/*\"" }.joined(separator: ",")
        for number in 0..<200 {
            put("r\(1_000 + number).json", #","Paths":[\#(globs)],"Actors":["\#(number)"]"#)
        }
        var listing = try list()
        var (rules, steps, portions) = (0, 0, 0)
        while let portion = store.next(of: &listing, deadline: stage.deadline()) {
            #expect(!portion.isWhole)
            rules += portion.rules.decide(.push(), steps: portion.steps).count
            steps += portion.steps
            portions += 1
        }
        #expect(rules == 200)
        #expect(portions > 1)
        #expect((Budget.change.limit - portions...Budget.change.limit).contains(steps))
    }
}
