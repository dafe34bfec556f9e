import Platform
import Testing

@Suite struct EnvironmentTests {
    @Test(arguments: [("A", "1"), ("EMPTY", nil), ("ABSENT", nil)])
    func `an empty variable is missing`(name: String, value: String?) {
        let environment = Environment { ["A": "1", "EMPTY": ""][$0] }
        #expect(environment[name] == value)
    }

    @Test func `a variable of the process can be set and removed`() {
        let name = "POINTSMAN_ENVIRONMENT_TEST"
        #expect(Environment.process[name] == nil)
        Environment.setProcessVariable(name, to: "Root=1-5bef4de7")
        #expect(Environment.process[name] == "Root=1-5bef4de7")
        Environment.setProcessVariable(name, to: nil)
        #expect(Environment.process[name] == nil)
    }
}
