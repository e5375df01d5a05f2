//! How services are reached: host names with addresses that are given, the proxy of the settings, and certificate authorities that are
//! trusted beside those of the system.

use std::path::PathBuf;

use super::args::NetworkArgs;
use crate::engine::{reach_names_at, trust_ca_file, use_proxy};
use crate::model::Problem;
use crate::preferences;

/// The variable that names the file.
const CA_VARIABLE: &str = "VISEME_CA_FILE";

/// Reaches the names that are given at their addresses, goes through the settings' proxy, and trusts what the arguments, the environment or
/// the settings name.
///
/// # Errors
/// What they name cannot be used. In the settings of a `window` that is a warning, since it is there that they are changed.
pub fn set_up(network: &NetworkArgs, window: bool) -> Result<(), Problem> {
    reach_names_at(&network.resolve);
    let settings = preferences::look(&preferences::settings_file()).settings;
    let of_settings = |outcome: Result<(), Problem>| match outcome {
        Err(problem) if window => {
            tracing::warn!("{problem}");
            Ok(())
        }
        outcome => outcome,
    };
    of_settings(use_proxy(&settings.proxy))?;
    let of_environment = || std::env::var_os(CA_VARIABLE).filter(|file| !file.is_empty()).map(PathBuf::from);
    if let Some(file) = network.ca_file.clone().or_else(of_environment) {
        return trust_ca_file(&file);
    }
    settings.ca_file.map_or(Ok(()), |file| of_settings(trust_ca_file(&file)))
}
