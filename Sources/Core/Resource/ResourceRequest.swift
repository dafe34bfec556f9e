internal import AWS

/// A request of CloudFormation's, with what it means for rules.
struct ResourceRequest {
    let request: CustomResourceRequest
    let type: CustomResourceRequest.RequestType
    let resource: StackResource
    let owner: RuleOwner
    let physicalID: String
    private let keys: BucketKeys

    /// What the mono-repo trigger called every resource.
    ///
    /// Such a resource keeps it: another id would make CloudFormation delete what was under
    /// the old one, which is the same rule.
    static let monoRepoID = "GitHubIntegrationMonoRepoS3ConfigResource"

    /// What a resource is called whose creation failed, and the request's id.
    ///
    /// No key: what lies where the rule was to be may be somebody else's, and stay.
    private static let notCreated = "not-created-"

    /// Checks what every request has; throws what is wrong with it.
    init(_ request: CustomResourceRequest, keys: BucketKeys) throws(Refusal) {
        guard let type = request.requestType, request.problems.isEmpty else {
            throw Refusal(request.problems.joined(separator: "; "))
        }
        do throws(RuleProblem) {
            resource = try StackResource(
                stackID: request.stackID,
                logicalID: request.logicalResourceID
            )
        } catch {
            throw Refusal(error.description)
        }
        self.request = request
        self.type = type
        self.keys = keys
        owner = RuleOwner(resource, requestID: request.requestID)
        physicalID = Self.physicalID(of: request)
    }

    /// The id that an answer has where nothing else is known: the one that was given, or one
    /// that says that nothing was created.
    static func physicalID(of request: CustomResourceRequest) -> String {
        if request.requestType != .create, let id = request.physicalResourceID,
            !id.utf8.isEmpty
        {
            return id
        }
        return notCreated + request.requestID
    }

    func rule(_ ownSecrets: OwnSecrets) throws(Refusal) -> RuleDeclaration.Checked {
        do throws(InvalidRule) {
            return try declaration.check(of: resource, keys: keys, ownSecrets: ownSecrets)
        } catch {
            throw Refusal(error.description)
        }
    }

    /// What the resource is to be called once its rule lies under a key.
    func physicalID(for key: String) -> String {
        hasMonoRepoID ? physicalID : key
    }

    /// Whether a rule that belongs to no resource may become this one's: the mono-repo trigger
    /// has made it, or somebody by hand.
    ///
    /// An object without an owner may belong to another stack that has not been updated since the migration. It is
    /// this resource's if its key is this resource's id. If the id is the constant one, which tells no key, it is if
    /// the key is that of the old properties, or the object says what is declared: a rollback has the properties of
    /// the update that failed as the old ones.
    func mayAdopt(_ key: String, _ object: [UInt8]) -> Bool {
        guard type == .update else { return false }
        if isSame(key, physicalID) { return true }
        guard hasMonoRepoID else { return false }
        let oldKey = oldDeclaration.key(of: resource, keys: keys)
        return oldKey.map { isSame($0, key) } ?? false || declaration.isSaid(by: object)
    }

    /// A rule that may have to go.
    struct Removal {
        var key: String
        /// Whether it goes, by its owner and its object.
        var mayRemove: (_ found: RuleOwner?, _ object: [UInt8]) -> Bool
    }

    /// What a Delete removes.
    ///
    /// Under an id that is a key lies the rule, and nowhere else: where the properties say may
    /// lie the one that has taken its place. So nothing goes for a key below another prefix.
    ///
    /// Under an id that is no key lies nothing. CloudFormation makes up such an id where it
    /// has cancelled a creation, and never tells the real one: the rule is where the
    /// properties say, if it is this resource's.
    var deletion: Removal? {
        let key = declaration.key(of: resource, keys: keys)
        if BucketKeys.isRuleKey(physicalID) {
            guard keys.isDeclaredRule(physicalID) else { return nil }
            let isItsOwn = key.map { isSame($0, physicalID) } ?? false
            return Removal(key: physicalID) { [owner] found, _ in
                found.map { $0.isSameResource(as: owner) } ?? isItsOwn
            }
        }
        guard let key else { return nil }
        if hasMonoRepoID {
            return Removal(key: key) { [owner] found, _ in
                found.map { $0.isSameResource(as: owner) } ?? true
            }
        }
        guard physicalID.utf8.starts(with: Self.notCreated.utf8) else {
            return Removal(key: key) { [owner] found, _ in
                found.map { $0.isSameResource(as: owner) } ?? false
            }
        }
        // What a later request of the same resource has written is not what failed.
        var failed = owner
        failed.requestID = String(
            decoding: physicalID.utf8.dropFirst(Self.notCreated.utf8.count),
            as: UTF8.self
        )
        return Removal(key: key) { [failed] found, _ in
            found.map { $0.isSameRequest(as: failed) } ?? false
        }
    }

    /// What an Update leaves behind that no Delete will ask for, once its rule lies under a key.
    ///
    /// With the constant id that is the rule under the old properties; in a rollback, the one that the failed update
    /// wrote. An object without an owner goes only with the constant id, and only if it says what the old properties
    /// say: the failed update may have been refused for it.
    func leftOver(besides newKey: String) -> Removal? {
        let old = oldDeclaration
        guard let key = old.key(of: resource, keys: keys), !isSame(key, newKey),
            !isSame(key, physicalID)
        else { return nil }
        return Removal(key: key) { [owner, hasMonoRepoID] found, object in
            found.map { $0.isSameResource(as: owner) }
                ?? (hasMonoRepoID && old.isSaid(by: object))
        }
    }

    private var hasMonoRepoID: Bool { isSame(physicalID, Self.monoRepoID) }

    private var declaration: RuleDeclaration {
        RuleDeclaration(resourceType: request.resourceType, properties: request.properties)
    }

    private var oldDeclaration: RuleDeclaration {
        RuleDeclaration(resourceType: request.resourceType, properties: request.oldProperties)
    }
}
