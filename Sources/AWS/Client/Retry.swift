internal import Platform

/// When a failed call is sent again.
enum Retry {
    /// Whether an answer says that the same request may succeed later: the rules of the SDKs'
    /// standard mode (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html),
    /// lists as in botocore's `retries/standard.py`.
    ///
    /// Two are not among them. A skewed clock (`RequestTimeTooSkewed`) is as wrong the next time.
    /// And `LimitExceededException`, by which some services mean throttling, is of those called
    /// here CodePipeline's alone: there are as many pipelines as the account may have.
    static func isRetryable(status: Int, code: String) -> Bool {
        CallError.isTransient(status: status)
            || transientCodes.contains(code)
            || throttlingCodes.contains(code)
    }

    private static var transientCodes: [String] {
        ["RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"]
    }

    private static var throttlingCodes: [String] {
        [
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottledException",
            "TooManyRequestsException",
            "ProvisionedThroughputExceededException",
            "TransactionInProgressException",
            "RequestLimitExceeded",
            "BandwidthLimitExceeded",
            "RequestThrottled",
            "SlowDown",
            "EC2ThrottledException",
        ]
    }
}
