//! How long and how much: every bound of the transport in one value, so that tests can be quick.

/// Bounds of the exchanges with a service. Times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection to stand, TLS included.
    pub connect_ms: u64,
    /// For the whole answer to a read.
    pub read_ms: u64,
    /// For the whole answer to identify: `kling` watches the clip meanwhile.
    pub identify_ms: u64,
    /// For the whole answer to create and upload, besides [`Limits::upload_ms_per_mib`].
    pub write_ms: u64,
    /// More for each MiB that is sent: slow lines are no error.
    pub upload_ms_per_mib: u64,
    /// Between two pieces of an answer's body.
    pub gap_ms: u64,
    /// Largest body of an answer in bytes.
    pub body_bytes: usize,
    /// How often a read is sent at most, where the table of codes allows it again.
    pub read_attempts: u32,
    /// How often anything is sent at most, where no connection is made.
    pub connect_attempts: u32,
    /// First wait before something is sent again; doubles each time.
    pub backoff_first_ms: u64,
    /// Longest such wait.
    pub backoff_most_ms: u64,
    /// How long the service may ask for patience (1302, 1303, `Retry-After`) before that is given up.
    pub patience_ms: u64,
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
        }
    }
}
