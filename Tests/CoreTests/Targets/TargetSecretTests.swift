import Platform
import Testing

@testable import Core

@Suite struct `A target's secret` {
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf"

    private func value(
        _ text: String,
        _ use: TargetSecret.Use,
        _ repository: String = "Octo/Mono"
    ) throws(TargetSecret.Refusal) -> String {
        let secret = TargetSecret(Secret(text), arn: Self.arn)
        return String(decoding: try secret.value(for: use, of: repository).revealed, as: UTF8.self)
    }

    private static func server() throws -> TargetSecret.Use {
        .serverToken(try #require(HTTPSURL("https://api.test:6443/k8s")))
    }

    @Test(arguments: [
        (TargetSecret.Use.url, "https://a.test/b\n", "https://a.test/b"),
        (.url, #" {"url": "https://a.test/b\n"}"#, "https://a.test/b"),
        (.url, #"{"url": "https://a.test", "repositories": ["octo/*"]}"#, "https://a.test"),
        (.token, "T0ken\r\n", "T0ken"),
        (.token, #"{"token": "T0ken", "repositories": null}"#, "T0ken"),
        (.token, #"{"token": "T0ken", "repositories": ["x/y", "OCTO/m?n[O]"]}"#, "T0ken"),
        (.token, #"{"repositories": ["**"], "token": "T0ken"}"#, "T0ken"),
    ])
    func `is a text or an object`(use: TargetSecret.Use, text: String, sent: String) throws {
        #expect(try value(text, use) == sent)
    }

    @Test(arguments: [
        "https://api.test:6443", "HTTPS://API.test:6443/", "https://api.test:06443/other",
    ])
    func `goes to the server that it names`(server: String) throws {
        let text = #"{"server": "\#(server)", "token": "T0ken", "repositories": ["octo/mono"]}"#
        #expect(try value(text, try Self.server()) == "T0ken")
    }

    static let noServer =
        "has a 'server' that is no URL such as https://host:6443, without user information, "
        + "query, fragment and white space"
    static let another = "may not go to https://api.test:6443: its 'server' is another one"

    @Test(arguments: [
        (
            "T0ken",
            #"is plain text, which does not say where it may go: expected {"server": "https://host:6443", "token": "…"}"#
        ),
        (" \n", "is empty"),
        (#"{"token": "T0ken"}"#, "has no 'server'"),
        (#"{"server": "https://api.test:6443"}"#, "has no 'token'"),
        (
            #"{"server": ["https://api.test:6443"], "token": "T0ken"}"#,
            "has a 'server' that is a list, expected a string"
        ),
        (
            #"{"server": "https://api.test:6443", "token": 7}"#,
            "has a 'token' that is a number, expected a string"
        ),
        (
            #"{"server": "https://api.test:6443", "token": " "}"#,
            "is of no use: its 'token' is empty"
        ),
        (
            #"{"server": "https://api.test:6443", "token": "T0 ken"}"#,
            "is of no use: its 'token' holds white space or a character that is not of ASCII"
        ),
        (
            #"{"server": "https://api.test:6443", "token": "T0k\né"}"#,
            "is of no use: its 'token' holds white space or a character that is not of ASCII"
        ),
        (#"{"server": "https://api.test", "token": "T0ken"}"#, another),
        (#"{"server": "https://evil.test:6443", "token": "T0ken"}"#, another),
        (#"{"server": "https://api.test.:6443", "token": "T0ken"}"#, another),
        (#"{"server": "http://api.test:6443", "token": "T0ken"}"#, noServer),
        (#"{"server": "https://u:p@api.test:6443", "token": "T0ken"}"#, noServer),
        (#"{"server": "https://api.test:6443?a", "token": "T0ken"}"#, noServer),
        (#"{"server": "https://api.test:6443/#a", "token": "T0ken"}"#, noServer),
        (#"{"server": " https://api.test:6443", "token": "T0ken"}"#, noServer),
        (
            #"{"server": "https://api.test:6443", "token": "T0ken", "ghp_T0ken": 1}"#,
            "has a member that is none of server, token, repositories"
        ),
        (
            #"{"server": "https://api.test:6443", "token": "T0ken", "token": "T0ken"}"#,
            "has the member 'token' twice"
        ),
        (#"{"token": "T0ken""#, "begins with '{', but is no JSON: see byte 17"),
    ])
    func `for a server is refused where it does not say that it may go there`(
        text: String,
        problem: String
    ) throws {
        let error = #expect(throws: TargetSecret.Refusal.self) {
            try value(text, try Self.server())
        }
        #expect(error?.description == "the secret \(Self.arn) \(problem)")
        #expect(error?.description.contains("T0k") == false)
    }

    @Test(arguments: [
        ("[]", "has an empty list of 'repositories', so that no rule may use it"),
        (#""octo/*""#, "has 'repositories' that are a string, expected a list of globs"),
        ("{}", "has 'repositories' that are an object, expected a list of globs"),
        (#"["octo/*", "[a"]"#, "has 'repositories[1]' that is no glob"),
        (#"["octo/*", 7]"#, "has 'repositories[1]' that is no glob"),
        (#"["", "octo/*"]"#, "has 'repositories[0]' that is no glob"),
        (
            #"["acme/*", "octo", "*", "octo/mono/"]"#,
            "may not be used by rules about octo/mono: none of its 'repositories' matches"
        ),
    ])
    func `is refused to rules about a repository that it does not name`(
        repositories: String,
        problem: String
    ) throws {
        for (use, member) in [(TargetSecret.Use.url, "url"), (.token, "token")] {
            let text = #"{"\#(member)": "https://s3cret.test", "repositories": \#(repositories)}"#
            let error = #expect(throws: TargetSecret.Refusal.self) { try value(text, use) }
            #expect(error?.description == "the secret \(Self.arn) \(problem)")
        }
    }

    @Test func `that is a text of several words is refused`() {
        let error = #expect(throws: TargetSecret.Refusal.self) { try value("T0 ken", .token) }
        #expect(
            error?.description
                == "the secret \(Self.arn) is of no use: it holds white space or a character that "
                + "is not of ASCII"
        )
    }
}
