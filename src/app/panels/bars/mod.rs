//! The bar at the top and the bar at the bottom.

mod profile;
mod status;
mod stepper;
mod top;

pub use status::status_ui;
pub use top::top_ui;
