/// A kind of rule set: what the rule with a number says about paths, as JSON members.
struct Shape: Sendable {
    var name: String
    var properties: @Sendable (Int) -> String

    static let all: [Shape] = [
        Shape(name: "mixed, as in real repositories") { number in
            switch number % 10 {
            case 0: #""Paths": ["**/*.kind\#(number % 50)"], "ExcludePaths": ["docs/**"]"#
            case 1: #""Paths": ["services/svc-\#(number)/**"], "ExcludePaths": ["**/*.md"]"#
            case 2: #""PathExpressions": ["services/svc-\#(number)/.*\\.(ts|js)$"]"#
            case 3:
                #""Paths": ["services/svc-\#(number)/**/*.swift", "shared/lib-\#(number % 30)/**"]"#
            case 4: #""Paths": ["{services,apps}/svc-\#(number)/**"]"#
            case 5: #""ExcludePaths": ["services/**", "docs/**", "**/*.md"]"#
            default: #""Paths": ["services/svc-\#(number)/**"]"#
            }
        },
        Shape(name: "plain beginning, all distinct") { number in
            #""Paths": ["services/svc-\#(number)/**"]"#
        },
        Shape(name: "suffix, all distinct") { number in
            #""Paths": ["**/*.kind\#(number)"]"#
        },
        Shape(name: "directory anywhere, all distinct") { number in
            #""Paths": ["**/svc-\#(number)/**"]"#
        },
        Shape(name: "expression with a plain beginning") { number in
            #""PathExpressions": ["services/svc-\#(number)/.*\\.swift$"]"#
        },
        Shape(name: "expression without one") { number in
            #""PathExpressions": [".*/svc-\#(number)/.*"]"#
        },
        Shape(name: "everything but what changed") { number in
            #""Paths": ["**"], "ExcludePaths": ["services/**", "docs-\#(number)/**"]"#
        },
        Shape(name: "everything but a kind of file") { number in
            #""Paths": ["**"], "ExcludePaths": ["**/*.swift", "**/*.kind[0-9]*"]"#
        },
        Shape(name: "braces in front, all distinct") { number in
            #""Paths": ["{services,apps}/svc-\#(number)/{src,test}/*.ts"]"#
        },
    ]
}
