//! Talking to a service: transport, exchanges, polling, guarded downloads. The only floor that opens outgoing connections.

pub mod schedule;
