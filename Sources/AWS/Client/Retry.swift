/// When a failed call is sent again.
enum Retry {
    /// Whether an answer says that the same request may succeed later: the rules of the SDKs'
    /// standard mode (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html),
    /// lists as in botocore's `retries/standard.py`.
    ///
    /// A skewed clock (`RequestTimeTooSkewed`) is not among them: it is as wrong the next time.
    static func isRetryable(status: Int, code: String) -> Bool {
        transientStatuses.contains(status)
            || transientCodes.contains(code)
            || throttlingCodes.contains(code)
    }

    /// 429 and 509 are throttling whatever the code (botocore's `_retry.json`).
    private static var transientStatuses: [Int] { [429, 500, 502, 503, 504, 509] }

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
            "LimitExceededException",
            "RequestThrottled",
            "SlowDown",
            "EC2ThrottledException",
        ]
    }
}
