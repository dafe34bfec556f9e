import Platform

extension HTTPClient {
    /// A client as the tool has them: it trusts `AWS_CA_BUNDLE`, and goes through `HTTPS_PROXY`.
    static func ofTool(_ environment: Environment = .process) throws(Failure) -> HTTPClient {
        let client = HTTPClient(caBundle: environment["AWS_CA_BUNDLE"], clock: .system)
        do throws(HTTPProxy.Defect) {
            client.proxy = try HTTPProxy(environment: environment)
        } catch {
            throw Failure("\(error.variable) is no proxy: expected http://HOST:PORT")
        }
        return client
    }
}
