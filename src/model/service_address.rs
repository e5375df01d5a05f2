//! A service's address as a person enters it.

use std::str::FromStr;

use super::Dialect;

/// The address of a service, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAddress {
    /// `https://host` or `http://host:port`, without a trailing slash.
    pub base_url: String,
    /// The path behind it, such as `/kling`, without a trailing slash; often empty.
    pub path: String,
}

/// Why a text is not the address of a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no text.
    #[error("Enter the address, such as https://api.example.com")]
    Empty,
    /// It cannot be parsed; the parser's words.
    #[error("This is not an address: {0}. It begins with https://")]
    Invalid(String),
    /// Neither `https` nor `http`.
    #[error("An address begins with https://")]
    Scheme,
    /// A user name or a password is in it. Neither is repeated.
    #[error("A name or a password does not belong in the address: keys are entered separately")]
    UserInfo,
    /// A query or a fragment is in it.
    #[error("The address ends before ? and #")]
    Query,
}

impl FromStr for ServiceAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let mut url = url::Url::parse(text).map_err(|err| AddressError::Invalid(err.to_string()))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(AddressError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Query);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path("");
        Ok(Self { base_url: url.as_str().trim_end_matches('/').to_owned(), path })
    }
}

impl ServiceAddress {
    /// Base URL and prefix of a profile at this address. `prefix` follows the address's own path. The `kirin` dialect has no
    /// prefix: there the path stays with the base URL, and `prefix` as it is.
    #[must_use]
    pub fn base_and_prefix(self, dialect: Dialect, prefix: &str) -> (String, String) {
        match dialect {
            Dialect::Kling => (self.base_url, self.path + prefix),
            Dialect::Kirin => (self.base_url + &self.path, prefix.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_into_base_url_and_path() {
        for (text, base_url, path) in [
            (" https://api.example.com/ ", "https://api.example.com", ""),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
            ("HTTPS://Api.Example.com:443/kling/", "https://api.example.com", "/kling"),
            ("https://[::1]:8080/a/b", "https://[::1]:8080", "/a/b"),
        ] {
            let address: ServiceAddress = text.parse().unwrap();
            assert_eq!((address.base_url.as_str(), address.path.as_str()), (base_url, path), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_of_a_service_says_why_and_repeats_no_password() {
        use AddressError::{Empty, Query, Scheme, UserInfo};
        for (text, why) in [
            (" ", Empty),
            ("ftp://a.b", Scheme),
            ("https://me:word@a.b", UserInfo),
            ("https://me@a.b", UserInfo),
            ("https://a.b/?key=1", Query),
            ("https://a.b/#x", Query),
        ] {
            assert_eq!(text.parse::<ServiceAddress>(), Err(why), "{text}");
        }
        for text in ["api.example.com", "https://", "https://a b"] {
            assert!(matches!(text.parse::<ServiceAddress>(), Err(AddressError::Invalid(_))), "{text}");
        }
    }

    #[test]
    fn the_path_is_the_prefix_where_the_dialect_has_one() {
        let address: ServiceAddress = "https://a.b/gateway".parse().unwrap();
        let split = |dialect, prefix: &str| address.clone().base_and_prefix(dialect, prefix);
        assert_eq!(split(Dialect::Kling, ""), ("https://a.b".into(), "/gateway".into()));
        assert_eq!(split(Dialect::Kling, "/kling"), ("https://a.b".into(), "/gateway/kling".into()));
        assert_eq!(split(Dialect::Kirin, ""), ("https://a.b/gateway".into(), String::new()));
    }
}
