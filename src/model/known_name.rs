//! A host name with a fixed address, as a line of a hosts file has it.

use core::net::IpAddr;
use core::str::FromStr;

use url::Host;

/// A host name, and the address at which it is reached, whatever name servers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownName {
    /// The name in lower case, without scheme, port or path.
    pub name: String,
    /// Where it is reached.
    pub ip: IpAddr,
}

/// Why a text is not a name with its address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnownNameError {
    /// There is no `=`.
    #[error("Write the name and its address as NAME=IP, such as api.example.com=127.0.0.1")]
    Form,
    /// What stands before the `=` is not the name of a host.
    #[error("{0:?} is not the name of a host: leave out http://, port and path")]
    Name(String),
    /// What stands behind it is not an IP address.
    #[error("{0:?} is not an IP address, such as 127.0.0.1 or ::1")]
    Ip(String),
}

impl FromStr for KnownName {
    type Err = KnownNameError;

    fn from_str(text: &str) -> Result<Self, KnownNameError> {
        let (name, ip) = text.split_once('=').ok_or(KnownNameError::Form)?;
        let Ok(Host::Domain(name)) = Host::parse(name.trim()) else {
            return Err(KnownNameError::Name(name.trim().to_owned()));
        };
        let ip = ip.trim().parse().map_err(|_| KnownNameError::Ip(ip.trim().to_owned()))?;
        Ok(Self { name, ip })
    }
}

impl KnownName {
    /// The address of a name among these; a later one wins.
    #[must_use]
    pub fn find(known: &[Self], name: &str) -> Option<IpAddr> {
        known.iter().rfind(|known| known.name.eq_ignore_ascii_case(name)).map(|known| known.ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_address_are_read_and_anything_else_is_refused_in_words() {
        let known = |text: &str| text.parse::<KnownName>();
        assert_eq!(
            known("API.example.com=127.0.0.1"),
            Ok(KnownName { name: "api.example.com".into(), ip: [127, 0, 0, 1].into() })
        );
        assert!(known(" b\u{fc}cher.example = ::1 ").is_ok_and(|known| known.name == "xn--bcher-kva.example"));
        assert_eq!(known("api.example.com"), Err(KnownNameError::Form));
        for name in ["", "http://api.example.com", "api.example.com:443", "127.0.0.1", "a b"] {
            assert!(matches!(known(&format!("{name}=127.0.0.1")), Err(KnownNameError::Name(_))), "{name}");
        }
        for ip in ["", "localhost", "127.0.0.1:80", "[::1]"] {
            assert_eq!(known(&format!("a.example={ip}")), Err(KnownNameError::Ip(ip.into())));
        }
    }

    #[test]
    fn the_last_of_a_name_wins_whatever_its_case() {
        let known = ["a.example=127.0.0.1", "b.example=127.0.0.2", "a.example=127.0.0.3"];
        let known: Vec<KnownName> = known.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(KnownName::find(&known, "A.Example"), Some([127, 0, 0, 3].into()));
        assert_eq!(KnownName::find(&known, "c.example"), None);
    }
}
