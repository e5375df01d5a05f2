//! The limits of the transport in one value, so that tests can shorten them.

/// Limits of the exchanges with a service. Times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To establish a connection, TLS included.
    pub connect_ms: u64,
    /// For the whole answer to a read.
    pub read_ms: u64,
    /// For the whole answer to identify: `kling` analyses the clip before it responds.
    pub identify_ms: u64,
    /// For the whole answer to create and upload, besides [`Limits::upload_ms_per_mib`].
    pub write_ms: u64,
    /// Additional time for each MiB that is sent: a slow connection is no error.
    pub upload_ms_per_mib: u64,
    /// Between two pieces of an answer's body.
    pub gap_ms: u64,
    /// Largest body of an answer in bytes.
    pub body_bytes: usize,
    /// Most attempts of a read, where the table of codes allows retries.
    pub read_attempts: u32,
    /// Most attempts of any request, where no connection can be made.
    pub connect_attempts: u32,
    /// First wait before a retry; doubles each time.
    pub backoff_first_ms: u64,
    /// Longest such wait.
    pub backoff_most_ms: u64,
    /// How long after its first attempt an operation may still be retried, also where the service asks for a longer wait (1302, 1303,
    /// `Retry-After`).
    pub patience_ms: u64,
    /// Between two questions for the account: at most one a second is answered (docs).
    pub account_gap_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_ms: 10_000,
            read_ms: 30_000,
            identify_ms: 300_000,
            write_ms: 120_000,
            upload_ms_per_mib: 10_000,
            gap_ms: 30_000,
            body_bytes: 8 * 1024 * 1024,
            read_attempts: 4,
            connect_attempts: 3,
            backoff_first_ms: 500,
            backoff_most_ms: 15_000,
            patience_ms: 120_000,
            account_gap_ms: 1_000,
        }
    }
}
