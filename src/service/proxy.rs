//! The proxy that a person names, in place of those of the system.
//!
//! It holds for the whole process, as the system's do: for every connection to elsewhere that is made from then on. This machine is never
//! reached through it.

use std::sync::{PoisonError, RwLock};

use reqwest::{ClientBuilder, Proxy};
use url::Url;

use super::words;
use crate::model::{Problem, ProblemKind};

/// The proxy with its address, and how often it was changed.
static GIVEN: RwLock<(Option<(String, Proxy)>, u64)> = RwLock::new((None, 0));

/// From now on connections go through the proxy at this address (`http://proxy:8080`); an empty text: through the system's, where it has one.
///
/// # Errors
/// [`ProblemKind::Usage`]: it is not the address of a proxy. Nothing changed.
pub fn use_proxy(address: &str) -> Result<(), Problem> {
    let proxy = checked(address)?;
    let mut given = GIVEN.write().unwrap_or_else(PoisonError::into_inner);
    if proxy.as_ref().map(|(address, _)| address) != given.0.as_ref().map(|(address, _)| address) {
        *given = (proxy, given.1 + 1);
    }
    Ok(())
}

fn checked(address: &str) -> Result<Option<(String, Proxy)>, Problem> {
    let address = address.trim();
    if address.is_empty() {
        return Ok(None);
    }
    let problem =
        || Problem::new(ProblemKind::Usage, words::no_proxy_address()).with_hint(words::no_proxy_address_hint());
    let url = Url::parse(address).map_err(|_| problem())?;
    // A password would be kept in the settings, which hold no secret.
    let has_secret = !url.username().is_empty() || url.password().is_some();
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) || has_secret {
        return Err(problem());
    }
    let proxy = Proxy::all(url.as_str()).map_err(|_| problem())?;
    Ok(Some((url.into(), proxy)))
}

/// How often the proxy was changed: fetchers make their clients anew then; a service is connected anew.
pub fn changes() -> u64 {
    GIVEN.read().unwrap_or_else(PoisonError::into_inner).1
}

/// A client that goes through it.
pub fn through(builder: ClientBuilder) -> ClientBuilder {
    match &GIVEN.read().unwrap_or_else(PoisonError::into_inner).0 {
        Some((_, proxy)) => builder.proxy(proxy.clone()),
        None => builder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_proxy_is_http_without_a_password() {
        for good in ["http://proxy:8080", " https://proxy.example.com ", "http://127.0.0.1:3128/"] {
            assert!(checked(good).unwrap().is_some(), "{good}");
        }
        assert!(checked("  ").unwrap().is_none());
        for bad in ["proxy:8080", "socks5://proxy", "http://me:pw@proxy:1", "http://", "ftp://proxy"] {
            let problem = checked(bad).unwrap_err();
            assert!(!problem.message.contains("pw"), "{bad}");
        }
    }
}
