internal import AWS
internal import Platform

extension EventBridgeTarget.Filled {
    /// Puts the event on its bus.
    func begin(_ start: Start) -> StartStep {
        let call = EventBridge.putEvent(
            detail(of: start),
            source: source,
            detailType: detailType,
            eventBus: eventBus
        )
        return .call(call, access) { (response) throws(CallError) in
            .ended(.started(try EventBridge.eventID(of: call, response)))
        }
    }
}
