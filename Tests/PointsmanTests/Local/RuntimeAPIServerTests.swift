import AWS
import Codec
import Foundation
import Platform
import Testing

@testable import pointsman

/// The Runtime API over real sockets, with the project's own loop as its client.
@Suite struct RuntimeAPIServerTests {
    static let token = Secret("5ec3e7")

    static func loop(
        _ server: LocalServer,
        _ handler: @escaping @Sendable ([UInt8]) throws(InvocationError) -> [UInt8]
    ) {
        let address = server.address + "/5ec3e7"
        Thread.detachNewThread {
            _ = RuntimeLoop.serve(
                environment: Environment { $0 == "AWS_LAMBDA_RUNTIME_API" ? address : nil },
                clock: .system,
                log: Logger(format: .text, minimum: .fatal, clock: .system) { _ in }
            ) { () throws(InvocationError) in
                { (invocation) throws(InvocationError) in try handler(invocation.payload) }
            }
        }
    }

    static func server(
        _ queue: FunctionQueue,
        _ initFailed: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> LocalServer {
        let api = RuntimeAPIServer(
            token: token,
            functionARN: "arn",
            queue: queue,
            initFailed: initFailed
        )
        return try await LocalServer { await api.respond(to: $0) }
    }

    @Test func `the loop takes events and answers them`() async throws {
        let queue = FunctionQueue(timeout: 600)
        let server = try await Self.server(queue)
        Self.loop(server) { (payload) throws(InvocationError) in
            guard payload != Array("fail".utf8) else {
                throw InvocationError(type: "Function.AsTold", message: "as \"told\"\n")
            }
            return payload + payload
        }
        #expect(await queue.invoke([1, 2]) == .returned([1, 2, 1, 2]))
        let large = [UInt8](repeating: 7, count: 1_500_000)
        #expect(await queue.invoke(large) == .returned(large + large))
        let failed = await queue.invoke(Array("fail".utf8))
        #expect(failed == .failed(type: "Function.AsTold", message: "as \"told\"\n"))
        await server.stop()
    }

    @Test func `a function that cannot be made ready says why`() async throws {
        let (messages, told) = AsyncStream.makeStream(of: String.self)
        let server = try await Self.server(FunctionQueue(timeout: 600)) { told.yield($0) }
        let address = server.address + "/5ec3e7"
        Thread.detachNewThread {
            _ = RuntimeLoop.serve(
                environment: Environment { $0 == "AWS_LAMBDA_RUNTIME_API" ? address : nil },
                clock: .system,
                log: Logger(format: .text, minimum: .fatal, clock: .system) { _ in }
            ) { () throws(InvocationError) -> RuntimeLoop.Handler in
                throw InvocationError(type: "Runtime.BadEnvironment", message: "A is missing")
            }
        }
        var message: String?
        for await told in messages {
            message = told
            break
        }
        #expect(message == "A is missing")
        await server.stop()
    }

    @Test(arguments: [
        ("GET", ""), ("GET", "/"), ("GET", "/2018-06-01/runtime/init/error"),
        ("POST", "/2018-06-01/runtime/invocation/next"), ("POST", "/2018-06-01/runtime"),
        ("POST", "/2018-06-01/runtime/invocation/a/other"),
    ])
    func `nothing else is there`(method: String, path: String) async {
        let api = RuntimeAPIServer(
            token: Self.token,
            functionARN: "arn",
            queue: FunctionQueue(timeout: 600),
            initFailed: { _ in }
        )
        let request = LocalRequest(
            method: method,
            path: "/5ec3e7" + path,
            headers: [:],
            body: []
        )
        #expect(await api.respond(to: request).status == 404)
    }

    @Test(arguments: ["", "/", "/5ec3e", "/5ec3e70", "/guess/5ec3e7", "//5ec3e7"])
    func `nobody else is given an event, or answers one, or says that it cannot start`(
        token: String
    ) async {
        let queue = FunctionQueue(timeout: 600)
        let api = RuntimeAPIServer(token: Self.token, functionARN: "arn", queue: queue) { _ in
            Issue.record("initFailed")
        }
        for (method, path) in [
            ("GET", "/invocation/next"), ("POST", "/invocation/a/response"),
            ("POST", "/invocation/a/error"), ("POST", "/init/error"),
        ] {
            let request = LocalRequest(
                method: method,
                path: "\(token)/2018-06-01/runtime\(path)",
                headers: [:],
                body: []
            )
            #expect(await api.respond(to: request).status == 403)
        }
        #expect(await queue.polls == 0)
    }

    @Test func `an answer to nothing is refused`() async {
        let api = RuntimeAPIServer(
            token: Self.token,
            functionARN: "arn",
            queue: FunctionQueue(timeout: 600),
            initFailed: { _ in }
        )
        let request = LocalRequest(
            method: "POST",
            path: "/5ec3e7/2018-06-01/runtime/invocation/a/response",
            headers: [:],
            body: []
        )
        #expect(await api.respond(to: request).status == 400)
    }
}
