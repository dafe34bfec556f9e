import Foundation
@testable import Platform
import Testing

@Suite struct ExitTests {
    @Test func `SIGTERM ends the process at once with status 0`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try #require(Exit.atOnceOnSIGTERM())
            kill(getpid(), SIGTERM)
            while true { pause() }
        }
    }

    @Test func `the process ends with the status it is told`() async {
        await #expect(processExitsWith: .exitCode(3)) {
            Exit.now(status: 3)
        }
    }
}

@Suite struct StandardErrorTests {
    @Test func `all bytes are written, however little is taken at a time`() throws {
        let pipe = Pipe()
        // More than a pipe holds: the write goes on as the reader makes room.
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let writer = Thread {
            StandardError.write(bytes, to: descriptor)
            try? pipe.fileHandleForWriting.close()
        }
        writer.start()
        #expect(try pipe.fileHandleForReading.readToEnd() == Data(bytes))
    }

    @Test func `a descriptor that cannot be written to ends it`() {
        StandardError.write([1, 2, 3], to: -1)
        StandardError.write([], to: -1)
    }
}
