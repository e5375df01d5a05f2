//! The draft: faces of the clip found and matched with the service's, and a painter for the face that speaks.

pub mod matching;
pub mod request;
pub mod worker;
