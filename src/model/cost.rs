//! What a job costs: the estimate, and what the service said it took (wire contract §6).

use serde::{Deserialize, Serialize};

/// What the service says it took. Every field as it came, for the services differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// `final_unit_deduction`: units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<String>,
    /// `final_balance_deduction.quota` or `usage.cost`: money, in USD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd: Option<String>,
    /// `final_balance_deduction.list_price`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_price: Option<String>,
    /// `usage.discount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<String>,
}

/// List price of a unit in USD.
pub const UNIT_USD: f64 = 0.14;
/// Units for an identify.
pub const IDENTIFY_UNITS: f64 = 0.05;

/// Estimated units of identify and one lip sync of a crop of `crop_ms`: half a unit for each started 5 s.
#[must_use]
pub fn estimate_units(crop_ms: i64) -> f64 {
    let started = (crop_ms.max(0) + 4_999).div_euclid(5_000).max(1) as f64;
    IDENTIFY_UNITS + 0.5 * started
}

/// The estimate as shown: `0.55 units ($0.08)`.
#[must_use]
pub fn estimate_text(crop_ms: i64) -> String {
    let units = estimate_units(crop_ms);
    format!("{units:.2} units (${:.2})", units * UNIT_USD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_unit_for_each_started_five_seconds() {
        for (crop_ms, units) in [(0, 0.55), (2_000, 0.55), (5_000, 0.55), (5_001, 1.05), (60_000, 6.05)] {
            assert!((estimate_units(crop_ms) - units).abs() < 1e-9, "{crop_ms}");
        }
        assert_eq!(estimate_text(4_000), "0.55 units ($0.08)");
    }
}
