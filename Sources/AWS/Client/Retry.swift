internal import Platform

/// When a failed call is sent again, and after how long.
enum Retry {
    /// How often a call is sent at most.
    static var maximumAttempts: Int { 4 }

    /// The first pause's upper bound, in milliseconds; each next one's is twice as long.
    static var firstPause: Int { 50 }

    /// The upper bound that no pause's upper bound exceeds, in milliseconds.
    static var longestPause: Int { 2000 }

    /// A pause in milliseconds after that many attempts, anywhere between none and its bound:
    /// "full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    static func pause(afterAttempts attempts: Int, _ random: Randomness) -> Int {
        random.next(upTo: min(longestPause, firstPause << (attempts - 1)))
    }

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
