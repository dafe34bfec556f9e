import Platform
import Testing

@testable import pointsman

struct SharedFilesTests {
    private func files(config: String = "", credentials: String = "") throws -> SharedFiles {
        let folder = try TemporaryFolder([".aws/config": config, ".aws/credentials": credentials])
        return SharedFiles(environment: Environment { $0 == "HOME" ? folder.path : nil })
    }

    @Test(arguments: [
        ("[profile dev]\nregion = eu-west-1\n", "dev", "eu-west-1"),
        ("[profile dev]\r\nregion=eu-west-1\r\n", "dev", "eu-west-1"),
        ("[ profile   dev ]\n  \nRegion =  eu-west-1 \n", "dev", "eu-west-1"),
        ("[profile \"my dev\"]\nregion = eu-west-1\n", "my dev", "eu-west-1"),
        ("[default]\nregion = eu-west-1\n", "default", "eu-west-1"),
        ("[profile dev]\n# region = us-east-1\nregion = eu-west-1\n", "dev", "eu-west-1"),
        ("[profile dev]\ns3 =\n  region = us-east-1\nregion = eu-west-1", "dev", "eu-west-1"),
        ("[profile dev]\nregion = a\n[profile b]\n[profile dev]\nregion = c", "dev", "c"),
        ("[dev]\nregion = eu-west-1\n", "dev", nil),
        ("[sso-session dev]\nregion = eu-west-1\n", "dev", nil),
        ("region = eu-west-1\n", "default", nil),
    ])
    func `a setting of the config file is its profile's`(
        text: String,
        profile: String,
        region: String?
    ) throws {
        #expect(try files(config: text).profile(profile)?["region"] == region)
    }

    @Test func `both files tell of a profile, and the credentials file goes first`() throws {
        let files = try files(
            config: "[profile dev]\nregion = r\naws_access_key_id = a\n",
            credentials: "[dev]\naws_access_key_id = b\n"
        )
        #expect(files.profile("dev") == ["region": "r", "aws_access_key_id": "b"])
        #expect(files.profile("other") == nil)
    }

    @Test func `a profile without a setting is one`() throws {
        #expect(try files(config: "[profile dev]\n").profile("dev") == [:])
    }

    @Test func `the environment says where the files are`() throws {
        let folder = try TemporaryFolder([
            "a": "[default]\nregion = r\n", "b": "[default]\nc = d\n",
        ])
        let variables = [
            "HOME": folder.path, "AWS_CONFIG_FILE": "~/a",
            "AWS_SHARED_CREDENTIALS_FILE": "\(folder.path)/b",
        ]
        let files = SharedFiles(environment: Environment { variables[$0] })
        #expect(files.profile("default") == ["region": "r", "c": "d"])
        #expect(files.paths == ["\(folder.path)/a", "\(folder.path)/b"])
    }

    @Test func `a file that is not there has no profile and is no problem`() {
        let files = SharedFiles(environment: Environment { $0 == "HOME" ? "/nowhere" : nil })
        #expect(files.profile("default") == nil)
        #expect(files.problems == [])
        #expect(files.paths == ["/nowhere/.aws/config", "/nowhere/.aws/credentials"])
    }

    @Test func `a file that cannot be read is named`() throws {
        let folder = try TemporaryFolder(["a/b": ""])
        let variables = ["AWS_CONFIG_FILE": "\(folder.path)/a", "HOME": "/nowhere"]
        let files = SharedFiles(environment: Environment { variables[$0] })
        #expect(files.problems == ["reading \(folder.path)/a: is a directory"])
    }
}
