import AWS
import Codec
import Foundation
import Platform
import TestSupport
import Testing

@testable import Core

/// Every call that the product makes, signed, at the gate of the end-to-end suite: botocore signs
/// it the same, and AWS's own model of the service allows it.
@Suite struct GateTests {
    private static let calls: [AWSCall] =
        WireRow.all.map(\.call) + SampleCalls.all + [
            EKS.describeCluster("prod"),
            S3(bucket: "bucket").getObject("rules/a b.json"),
            S3(bucket: "bucket").headObject("rules/a b.json"),
            S3(bucket: "bucket").listObjects(prefix: "p/rules/github/octo/mono/"),
            S3(bucket: "bucket").putObject(
                "é/+",
                [1, 255],
                contentType: "application/json",
                condition: .unchanged(etag: #""e""#)
            ),
        ]

    private struct Verdict: Decodable {
        var operation: String?
        var refused: String?
    }

    @Test(.thorough, .needsPython("botocore")) func `lets every request pass`() throws {
        let cloud = FakeCloud { _, _ in .answer(403) }
        let client = try cloud.client(["AWS_ENDPOINT_URL": "https://aws.test"])
        for call in Self.calls { _ = client.send([call], deadline: cloud.deadline()) }
        let lines = try cloud.requests.map { request in
            try JSONSerialization.data(withJSONObject: [
                "method": request.method, "target": request.target,
                "headers": request.headers.fields.map { [$0.name, $0.value] },
                "body": Data(request.body).base64EncodedString(), "region": "eu-west-1",
                "secret": FakeCloud.secret, "token": FakeCloud.token,
                "time": "2026-11-21T04:35:47+00:00",
            ])
        }
        let answers = try answers(to: lines)
        try #require(answers.count == Self.calls.count)
        for (call, answer) in zip(Self.calls, answers) {
            let verdict = try JSONDecoder().decode(Verdict.self, from: answer)
            #expect(verdict.refused == nil, "\(call.action) of \(call.resource)")
            #expect(verdict.operation == call.operation)
        }
    }

    @Test(.thorough, .needsPython("botocore")) func `is shown every operation that is called`()
        throws
    {
        let folder = Conformance.packageRoot.appending(path: "Sources")
        var literals: Set<String> = []
        for module in ["AWS", "Core"] {
            let files = FileManager.default.enumerator(atPath: folder.appending(path: module).path)
            while let file = files?.nextObject() as? String {
                guard file.hasSuffix(".swift") else { continue }
                let path = folder.appending(path: module).appending(path: file)
                let text = try String(contentsOf: path, encoding: .utf8)
                literals.formUnion(text.matches(of: /"([A-Z][A-Za-z0-9]+)"/).map { String($0.1) })
            }
        }
        let lines = try AWSService.allCases.map {
            try JSONSerialization.data(withJSONObject: ["operations": $0.name])
        }
        struct Answer: Decodable { var operations: Set<String> }
        let answers = try answers(to: lines)
        let operations = try answers.map {
            try JSONDecoder().decode(Answer.self, from: $0).operations
        }
        let known: Set<String> = operations.reduce(into: []) { $0.formUnion($1) }
        let called = literals.intersection(known)
        // Its URL is a token of EKS, which EKSTests hold against botocore.
        let presigned: Set = ["GetCallerIdentity"]
        let shown = Set(
            Self.calls.compactMap { $0.action.split(separator: ":").last.map(String.init) }
        )
        #expect(called.subtracting(presigned) == shown)
    }

    private func answers(to lines: [Data]) throws -> [Data] {
        try PythonOracle.answers(of: "gate_oracle.py", to: lines)
    }
}
