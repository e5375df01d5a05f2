//! The embedded service: it really finds faces and really renders.
