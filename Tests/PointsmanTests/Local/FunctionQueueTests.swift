import Testing

@testable import pointsman

/// Invocations, one at a time, each answered once.
@Suite struct FunctionQueueTests {
    @Test func `an invocation waits for the process and gets its answer`() async throws {
        let queue = FunctionQueue(timeout: 600)
        async let result = queue.invoke([1], requestID: "a")
        let invocation = try #require(await queue.next())
        #expect(invocation.requestID == "a")
        #expect(invocation.payload == [1])
        #expect(await queue.answer("a", .returned([2])))
        #expect(await result == .returned([2]))
        #expect(await !queue.answer("a", .returned([3])), "a second answer is nobody's")
        #expect(await !queue.answer("b", .returned([3])))
    }

    @Test func `they are handed out in turn`() async throws {
        let queue = FunctionQueue(timeout: 600)
        let callers = Task {
            await withTaskGroup(of: FunctionResult.self) { group in
                for number in 1...5 { group.addTask { await queue.invoke([UInt8(number)]) } }
                return await group.reduce(into: Set<[UInt8]>()) { seen, result in
                    if case .returned(let bytes) = result { seen.insert(bytes) }
                }
            }
        }
        for _ in 1...5 {
            let invocation = try #require(await queue.next())
            _ = await queue.answer(invocation.requestID, .returned(invocation.payload))
        }
        #expect(await callers.value == [[1], [2], [3], [4], [5]])
    }

    @Test func `what a process that died was busy with has failed, and what waits has not`()
        async throws
    {
        let queue = FunctionQueue(timeout: 600)
        async let first = queue.invoke([1], requestID: "a")
        #expect(await queue.next()?.requestID == "a")
        async let second = queue.invoke([2], requestID: "b")
        await queue.processEnded()
        #expect(await first == .exited)
        #expect(await queue.next()?.requestID == "b")
        _ = await queue.answer("b", .returned([]))
        #expect(await second == .returned([]))
    }

    @Test func `once it is closed, nobody waits for a process that never comes`() async throws {
        let queue = FunctionQueue(timeout: 600)
        async let busy = queue.invoke([1], requestID: "a")
        #expect(await queue.next()?.requestID == "a")
        let waiting = Task { await queue.invoke([2], requestID: "b") }
        await queue.close()
        #expect(await busy == .exited)
        #expect(await waiting.value == .exited)
        #expect(await queue.invoke([3], requestID: "c") == .exited)
    }

    @Test func `a process that died takes nothing any more`() async {
        let queue = FunctionQueue(timeout: 600)
        async let asking = queue.next()
        while await queue.polls == 0 { await Task.yield() }
        await queue.processEnded()
        #expect(await asking == nil)
        async let again = queue.next()
        async let result = queue.invoke([1], requestID: "a")
        #expect(await again?.requestID == "a")
        _ = await queue.answer("a", .returned([]))
        #expect(await result == .returned([]))
    }

    @Test func `one that is not answered in time is given up, and the process is ended`() async {
        let queue = FunctionQueue(timeout: 0)
        let (ended, ending) = AsyncStream.makeStream(of: Void.self)
        await queue.whenTimedOut { ending.yield() }
        async let result = queue.invoke([1], requestID: "a")
        #expect(await queue.next() != nil)
        #expect(await result == .timedOut)
        for await _ in ended { break }
        #expect(await !queue.answer("a", .returned([])))
    }
}
