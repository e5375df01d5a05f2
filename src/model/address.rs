//! Addresses: what points at this machine.

use core::net::IpAddr;

use url::{Host, Url};

/// Whether an address points at this machine itself: `localhost` and the names below it, 127.0.0.0/8 and `::1`, also as an IPv4
/// address mapped into IPv6.
#[must_use]
pub fn is_loopback(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => is_loopback_ip(ip.into()),
        Some(Host::Ipv6(ip)) => is_loopback_ip(ip.into()),
        None => false,
    })
}

/// The same of an IP address.
#[must_use]
pub fn is_loopback_ip(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for here in [
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://localhost:8080/x",
            "http://localhost.",
            "http://a.localhost",
            "http://[::1]:1",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(is_loopback(here), "{here}");
        }
        for away in [
            "https://api.klingai.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example",
            "http://notlocalhost",
            "http://10.0.0.1",
            "http://[::ffff:10.0.0.1]",
            "",
            "::1",
        ] {
            assert!(!is_loopback(away), "{away}");
        }
    }
}
