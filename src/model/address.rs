//! Addresses: what points at this machine.

use core::net::{IpAddr, Ipv4Addr};

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

/// Whether what is sent to an address can be read on the way, the key with it: it is unencrypted, and not on this machine.
#[must_use]
pub fn is_read_on_the_way(address: &str) -> bool {
    let address = address.trim();
    Url::parse(address).is_ok_and(|url| url.scheme() == "http") && !is_loopback(address)
}

/// Whether an IP address is none of the public internet (IANA's registries of special-purpose addresses): private, loopback,
/// link-local, shared, documentation, benchmarking, multicast, reserved; also within the forms of IPv6 that stand for an IPv4 address.
#[must_use]
pub fn is_special_ip(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_special_v4(ip),
        IpAddr::V6(ip) => {
            let embedded = |high: u16, low: u16| {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                is_special_v4(Ipv4Addr::new(a, b, c, d))
            };
            match ip.segments() {
                // NAT64 and 6to4 lead to the IPv4 address within.
                [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
                // Only 2000::/3 is given out; of it, not Teredo and its neighbours, and documentation.
                [0x2001, second, ..] => second < 0x200 || second == 0xdb8,
                [0x3fff, second, ..] => second < 0x1000,
                [first, ..] => first & 0xe000 != 0x2000,
            }
        }
    }
}

fn is_special_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && b & 0xfe == 18)
        || a >= 224
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_not_special() {
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "::7f00:1",
        ] {
            assert!(is_special_ip(special.parse().unwrap()), "{special}");
        }
        for public in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860::8888",
            "64:ff9b::101:101",
            "::ffff:8.8.8.8",
            "2002:808:808::",
        ] {
            assert!(!is_special_ip(public.parse().unwrap()), "{public}");
        }
    }

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
