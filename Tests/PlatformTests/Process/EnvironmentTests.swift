import Platform
import Testing

@Suite struct EnvironmentTests {
    @Test(arguments: [("A", "1"), ("EMPTY", nil), ("ABSENT", nil)])
    func `an empty variable is missing`(name: String, value: String?) {
        let environment = Environment { ["A": "1", "EMPTY": ""][$0] }
        #expect(environment[name] == value)
    }
}
