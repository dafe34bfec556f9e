internal import AWS
internal import Platform
internal import Trigger

extension StartStep {
    /// How many pages of pipelines are read, of 1000 each.
    private static let mostPages = 5

    /// Goes on with the pipelines whose names begin like that; a list that cannot be read ends the
    /// start.
    static func pipelines(
        beginning prefix: String,
        _ access: AWSAccess.Filled,
        then: @escaping ([CodePipeline.Summary]) -> StartStep
    ) -> StartStep {
        page(1, nextToken: nil, found: [], prefix, access, then)
    }

    private static func page(
        _ number: Int,
        nextToken: String?,
        found: [CodePipeline.Summary],
        _ prefix: String,
        _ access: AWSAccess.Filled,
        _ then: @escaping ([CodePipeline.Summary]) -> StartStep
    ) -> StartStep {
        let call = CodePipeline.listPipelines(nextToken: nextToken)
        return .read(call, access) { (response) throws(CallError) in
            let page = try CodePipeline.page(of: call, response)
            let all = found + page.pipelines.filter { $0.name.utf8.starts(with: prefix.utf8) }
            guard let next = page.nextToken, number < mostPages else { return then(all) }
            return Self.page(number + 1, nextToken: next, found: all, prefix, access, then)
        }
    }
}
