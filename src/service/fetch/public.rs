//! Names whose addresses must be public: a service elsewhere has no business with what is in this network.

use std::collections::HashSet;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::model::{Problem, is_special_ip};
use crate::service::known_names::known_address;
use crate::service::words;

use super::hop::unusable;

/// Looks names up. Of a guarded one, only public addresses are given to the connection, so that a name which leads elsewhere the next
/// time changes nothing. A proxy's name is not guarded: behind a proxy, names are looked up by it.
#[derive(Clone, Debug, Default)]
pub struct PublicOnly(Arc<Mutex<HashSet<String>>>);

/// A guarded name has no public address.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no public address")]
struct NotPublic(String);

impl PublicOnly {
    /// Guards the name of an address; refuses an IP address that is not public at once.
    ///
    /// # Errors
    /// The IP address is private or special.
    pub fn guard(&self, url: &Url) -> Result<(), Problem> {
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(ip.into()),
            Some(Host::Ipv6(ip)) => Some(ip.into()),
            _ => None,
        };
        let host = url.host_str().unwrap_or_default();
        if literal.is_some_and(is_special_ip) {
            return Err(refused(host));
        }
        self.names().insert(host.to_ascii_lowercase());
        Ok(())
    }

    fn names(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let is_guarded = self.names().contains(&name.as_str().to_ascii_lowercase());
        Box::pin(async move {
            let found: Vec<_> = match known_address(name.as_str()) {
                Some(ip) => vec![SocketAddr::new(ip, 0)],
                None => tokio::net::lookup_host((name.as_str(), 0)).await?.collect(),
            };
            let usable: Vec<_> = found.iter().copied().filter(|at| !is_guarded || !is_special_ip(at.ip())).collect();
            if usable.is_empty() && !found.is_empty() {
                return Err(NotPublic(name.as_str().to_owned()).into());
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// Whether a request failed because a guarded name has no public address.
pub fn is_not_public(err: &reqwest::Error) -> bool {
    let mut next = err.source();
    while let Some(cause) = next {
        if cause.is::<NotPublic>() {
            return true;
        }
        next = cause.source();
    }
    false
}

/// The problem of an address that is not public.
pub fn refused(host: &str) -> Problem {
    unusable(words::not_public(host))
}
