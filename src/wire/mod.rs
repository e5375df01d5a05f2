//! Dialects: values in, values out. Pure.
//!
//! Send exactly what the documents say ([`request`]); read leniently whatever comes back ([`answer`]); let one table decide what an
//! error means and what may be done about it ([`codes`]). No network, no file and no clock: times and bytes come in as values.

pub mod answer;
pub mod codes;
pub mod curl;
pub mod path;
pub mod request;
pub mod words;
