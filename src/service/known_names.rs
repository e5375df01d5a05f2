//! Host names whose addresses a person gives, in place of what name servers say: a service in trial behind the name of the real one.
//!
//! They hold for the whole process, as a hosts file does: for every connection that is made from then on. A proxy looks names up itself.

use std::net::{IpAddr, SocketAddr};
use std::sync::{PoisonError, RwLock};

use reqwest::ClientBuilder;

use crate::model::KnownName;

static KNOWN: RwLock<Vec<KnownName>> = RwLock::new(Vec::new());

/// From now on these names are reached at these addresses. Those of earlier calls stay, but for names that are given again.
pub fn reach_names_at(names: &[KnownName]) {
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).extend_from_slice(names);
}

/// The names that are reached at given addresses.
pub fn known_names() -> Vec<KnownName> {
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The address that was given for a name.
pub fn known_address(name: &str) -> Option<IpAddr> {
    KnownName::find(&KNOWN.read().unwrap_or_else(PoisonError::into_inner), name)
}

/// A client that reaches these names there.
pub fn with_known(builder: ClientBuilder) -> ClientBuilder {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    // The port is that of the address that is fetched.
    known.iter().fold(builder, |builder, KnownName { name, ip }| builder.resolve(name, SocketAddr::new(*ip, 0)))
}
