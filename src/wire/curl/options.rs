//! The options of curl: which take a value, and which are known at all (`curl --help all`, 7.88 to 8.16).

/// Short options that take a value.
const SHORT_WITH_VALUE: &str = "ACDEFHKPQTUXYbcdemortuwxyz";

/// Long options that take a value.
#[rustfmt::skip]
const LONG_WITH_VALUE: [&str; 146] = [
    "abstract-unix-socket", "alt-svc", "aws-sigv4", "cacert", "capath", "cert", "cert-type", "ciphers", "config",
    "connect-timeout", "connect-to", "continue-at", "cookie", "cookie-jar", "create-file-mode", "crlfile", "curves",
    "data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "delegation", "dns-interface", "dns-ipv4-addr",
    "dns-ipv6-addr", "dns-servers", "doh-url", "dump-header", "ech", "egd-file", "engine", "etag-compare",
    "etag-save", "expect100-timeout", "form", "form-string", "ftp-account", "ftp-alternative-to-user", "ftp-method",
    "ftp-port", "ftp-ssl-ccc-mode", "happy-eyeballs-timeout-ms", "haproxy-clientip", "header", "hostpubmd5",
    "hostpubsha256", "hsts", "interface", "ip-tos", "ipfs-gateway", "json", "keepalive-cnt", "keepalive-time", "key",
    "key-type", "knownhosts", "krb", "krb4", "libcurl", "limit-rate", "local-port", "login-options", "mail-auth",
    "mail-from", "mail-rcpt", "max-filesize", "max-redirs", "max-time", "netrc-file", "noproxy", "oauth2-bearer",
    "output", "output-dir", "parallel-max", "parallel-max-host", "pass", "pinnedpubkey", "preproxy", "proto",
    "proto-default", "proto-redir", "proxy", "proxy-cacert", "proxy-capath", "proxy-cert", "proxy-cert-type",
    "proxy-ciphers", "proxy-crlfile", "proxy-header", "proxy-key", "proxy-key-type", "proxy-pass",
    "proxy-pinnedpubkey", "proxy-service-name", "proxy-tls13-ciphers", "proxy-tlsauthtype", "proxy-tlspassword",
    "proxy-tlsuser", "proxy-user", "proxy1.0", "pubkey", "quote", "random-file", "range", "rate", "referer",
    "request", "request-target", "resolve", "retry", "retry-delay", "retry-max-time", "sasl-authzid", "service-name",
    "sigalgs", "signature-algorithms", "socks4", "socks4a", "socks5", "socks5-gssapi-service", "socks5-hostname",
    "speed-limit", "speed-time", "stderr", "telnet-option", "tftp-blksize", "time-cond", "tls-max", "tls13-ciphers",
    "tlsauthtype", "tlspassword", "tlsuser", "trace", "trace-ascii", "trace-config", "unix-socket", "upload-file",
    "upload-flags", "url", "url-query", "user", "user-agent", "variable", "vlan-priority", "write-out",
];

/// Long options that take none. Those that begin with `no-` switch one of them off.
#[rustfmt::skip]
const LONG_ALONE: [&str; 133] = [
    "alpn", "anyauth", "append", "basic", "buffer", "ca-native", "cert-status", "clobber", "compressed",
    "compressed-ssh", "create-dirs", "crlf", "digest", "disable", "disable-eprt", "disable-epsv",
    "disallow-username-in-url", "doh-cert-status", "doh-insecure", "dump-ca-embed", "eprt", "epsv", "fail",
    "fail-early", "fail-with-body", "false-start", "follow", "form-escape", "ftp-create-dirs", "ftp-pasv", "ftp-pret",
    "ftp-skip-pasv-ip", "ftp-ssl", "ftp-ssl-ccc", "ftp-ssl-control", "ftp-ssl-reqd", "get", "globoff",
    "haproxy-protocol", "head", "help", "http0.9", "http1.0", "http1.1", "http2", "http2-prior-knowledge", "http3",
    "http3-only", "ignore-content-length", "include", "insecure", "ipv4", "ipv6", "junk-session-cookies", "keepalive",
    "list-only", "location", "location-trusted", "mail-rcpt-allowfails", "manual", "metalink", "mptcp", "negotiate",
    "netrc", "netrc-optional", "next", "npn", "ntlm", "ntlm-wb", "out-null", "parallel", "parallel-immediate",
    "path-as-is", "post301", "post302", "post303", "progress-bar", "progress-meter", "proxy-anyauth", "proxy-basic",
    "proxy-ca-native", "proxy-digest", "proxy-http2", "proxy-insecure", "proxy-negotiate", "proxy-ntlm",
    "proxy-ssl-allow-beast", "proxy-ssl-auto-client-cert", "proxy-tlsv1", "proxytunnel", "raw", "remote-header-name",
    "remote-name", "remote-name-all", "remote-time", "remove-on-error", "retry-all-errors", "retry-connrefused",
    "sasl-ir", "sessionid", "show-error", "silent", "skip-existing", "socks5-basic", "socks5-gssapi",
    "socks5-gssapi-nec", "ssl", "ssl-allow-beast", "ssl-auto-client-cert", "ssl-no-revoke", "ssl-reqd",
    "ssl-revoke-best-effort", "ssl-sessions", "sslv2", "sslv3", "styled-output", "suppress-connect-headers",
    "tcp-fastopen", "tcp-nodelay", "tftp-no-options", "tls-earlydata", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2",
    "tlsv1.3", "tr-encoding", "trace-ids", "trace-time", "use-ascii", "verbose", "version", "xattr",
];

/// The long options that mean the same as a short one, where that is read here.
const SAME: [(&str, &str); 12] = [
    ("request", "X"),
    ("header", "H"),
    ("data", "d"),
    ("data-ascii", "d"),
    ("data-binary", "d"),
    ("user", "u"),
    ("cookie", "b"),
    ("form", "F"),
    ("form-string", "F"),
    ("upload-file", "T"),
    ("next", ":"),
    ("oauth2-bearer", "u"),
];

/// What is known of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value follows.
    WithValue,
    /// It takes none.
    Alone,
    /// No version of curl that is known here has it.
    Unknown,
}

/// What is known of a long option, by its name without `--`.
#[must_use]
pub fn long(name: &str) -> Kind {
    let alone = |name: &str| LONG_ALONE.contains(&name);
    if LONG_WITH_VALUE.contains(&name) || name.starts_with("expand-") {
        Kind::WithValue
    } else if alone(name) || name.strip_prefix("no-").is_some_and(alone) {
        Kind::Alone
    } else {
        Kind::Unknown
    }
}

/// Whether a short option takes a value; every other letter takes none.
#[must_use]
pub fn short_has_value(letter: char) -> bool {
    SHORT_WITH_VALUE.contains(letter)
}

/// The short name of a long option, where one is read under it; else its own name.
#[must_use]
pub fn canonical(name: &str) -> &str {
    SAME.iter().find(|(long, _)| *long == name).map_or(name, |(_, short)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_do_not_contradict_each_other() {
        for name in LONG_ALONE {
            assert_eq!(long(name), Kind::Alone, "{name} takes a value in the other table");
        }
        for (name, short) in SAME {
            let letter = short.chars().next().unwrap();
            assert_eq!(long(name) == Kind::WithValue, short_has_value(letter), "{name}");
        }
    }
}
