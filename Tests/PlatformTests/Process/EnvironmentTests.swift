@testable import Platform
import Testing

@Suite struct EnvironmentTests {
    @Test(arguments: [("A", "1"), ("EMPTY", nil), ("ABSENT", nil)])
    func `an empty variable is missing`(name: String, value: String?) {
        let environment = Environment { ["A": "1", "EMPTY": ""][$0] }
        #expect(environment[name] == value)
    }
}

@Suite struct ProcessVariableTests {
    let name = "POINTSMAN_PROCESS_VARIABLE_TEST"

    @Test func `a variable of the process is set, set again, removed, and gone with its object`() {
        do {
            let variable = ProcessVariable(name)
            #expect(Environment.process[name] == nil)
            let long = String(repeating: "x", count: 1_000)
            for value in ["Root=1-5bef4de7", "short", "k\u{e9}y=value", long, "short again"] {
                variable.set(value)
                #expect(Environment.process[name] == value)
            }
            variable.set(nil)
            #expect(Environment.process[name] == nil)
            variable.set("last")
        }
        #expect(Environment.process[name] == nil)
    }
}
