//! By which names this sandbox is reached.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use url::{Host, Url};

use crate::model::is_loopback;

/// The names and addresses that are this sandbox.
#[derive(Debug)]
pub struct Hosts {
    listen: SocketAddr,
    names: Vec<String>,
}

impl Hosts {
    /// A sandbox that listens at `listen`, with further names.
    pub fn new(listen: SocketAddr, names: Vec<String>) -> Self {
        Self { listen, names }
    }

    /// Whether a `Host` (with or without a port) is a loopback name, an address at which this sandbox listens, or one of its names. Any
    /// other may be a name of a stranger's that leads here.
    pub fn is_ours(&self, host: &str) -> bool {
        Url::parse(&format!("http://{host}/")).is_ok_and(|url| url.path() == "/" && self.is_here(&url))
    }

    /// Whether an address is of this very sandbox.
    pub fn is_own(&self, url: &Url) -> bool {
        url.port_or_known_default() == Some(self.listen.port()) && self.is_here(url)
    }

    /// An address as it is kept: without its host where that is this sandbox, whose port is another in its next run.
    pub fn path_or_url(&self, url: &Url) -> String {
        if self.is_own(url) {
            url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
        } else {
            url.to_string()
        }
    }

    fn is_here(&self, url: &Url) -> bool {
        if is_loopback(url.as_str()) {
            return true;
        }
        match url.host() {
            Some(Host::Domain(name)) => self.names.iter().any(|known| known.eq_ignore_ascii_case(name)),
            Some(Host::Ipv4(ip)) => self.listens_at(ip.into()),
            Some(Host::Ipv6(ip)) => self.listens_at(ip.into()),
            None => false,
        }
    }

    fn listens_at(&self, ip: IpAddr) -> bool {
        let named = |ip: IpAddr| self.names.iter().any(|known| known.trim_matches(['[', ']']).parse() == Ok(ip));
        if self.listen.ip().is_unspecified() {
            // Only an address of this machine can be bound to.
            return named(ip) || ip.is_unspecified() || UdpSocket::bind((ip, 0)).is_ok();
        }
        self.listen.ip().to_canonical() == ip.to_canonical() || named(ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_names_are_not_ours() {
        let hosts = Hosts::new("192.0.2.7:8080".parse().unwrap(), vec!["Box.example".into(), "198.51.100.9".into()]);
        for ours in ["localhost:8080", "127.0.0.1", "[::1]:8080", "192.0.2.7:8080", "box.example:80", "198.51.100.9"] {
            assert!(hosts.is_ours(ours), "{ours}");
        }
        for strange in [
            "evil.example",
            "127.0.0.1.evil.example",
            "192.0.2.8",
            "",
            "a/b",
            "box.example@evil.example",
            "x.box.example",
        ] {
            assert!(!hosts.is_ours(strange), "{strange}");
        }
        let here = |url: &str| hosts.path_or_url(&Url::parse(url).unwrap());
        assert_eq!(here("http://127.0.0.1:8080/media/1/a%20b.mp4?x=1"), "/media/1/a%20b.mp4?x=1");
        assert_eq!(here("http://127.0.0.1:8081/media/1"), "http://127.0.0.1:8081/media/1");
        let everywhere = Hosts::new("0.0.0.0:8080".parse().unwrap(), Vec::new());
        assert!(everywhere.is_ours("127.0.0.2:1") && everywhere.is_ours("0.0.0.0:8080"));
        assert!(!everywhere.is_ours("192.0.2.7:8080"), "no address of this machine");
        assert!(!everywhere.is_own(&Url::parse("http://127.0.0.1:9/").unwrap()), "another server of this machine");
    }
}
