//! What a job costs: the estimate, and what the service charged (wire contract §6).

use serde::{Deserialize, Serialize};

/// What the service says it charged. Every field as received, because services differ.
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

/// Estimated units of one lip sync of a crop of `crop_ms`: half a unit for each started 5 s.
#[must_use]
pub fn lip_sync_units(crop_ms: i64) -> f64 {
    0.5 * (crop_ms.max(0) + 4_999).div_euclid(5_000).max(1) as f64
}

/// Estimated units of identify and one lip sync.
#[must_use]
pub fn estimate_units(crop_ms: i64) -> f64 {
    IDENTIFY_UNITS + lip_sync_units(crop_ms)
}

/// So many units at the list price, as an estimate is shown: `0.55 units ($0.08)`.
#[must_use]
pub fn estimate_text(units: f64) -> String {
    format!("{units:.2} units (${:.2})", units * UNIT_USD)
}

impl Cost {
    /// As it is shown, in the form of the estimate: `0.50 units ($0.07)`. Dollars have two to four decimal places; a list
    /// price is shown where it differs.
    #[must_use]
    pub fn text(&self) -> String {
        let units = self.units.as_deref().map(|units| match units.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => format!("{number:.2} units"),
            _ => format!("{units} units"),
        });
        let usd = self.usd.as_deref().map(usd_text);
        let mut parts = match (units, &usd) {
            (Some(units), Some(usd)) => vec![format!("{units} ({usd})")],
            (units, usd) => units.or_else(|| usd.clone()).into_iter().collect(),
        };
        let list_price = self.list_price.as_deref().map(usd_text).filter(|price| Some(price) != usd.as_ref());
        parts.extend(list_price.map(|price| format!("list price {price}")));
        parts.extend(self.discount.as_ref().map(|discount| format!("discount {discount}")));
        parts.join(" · ")
    }
}

/// `$0.14`, `$0.077`; anything that is not a number, as received.
fn usd_text(usd: &str) -> String {
    match usd.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => {
            let text = format!("{number:.4}");
            let text = text.strip_suffix('0').unwrap_or(&text);
            format!("${}", text.strip_suffix('0').unwrap_or(text))
        }
        _ => format!("${usd}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_unit_for_each_started_five_seconds() {
        for (crop_ms, units) in [(0, 0.55), (2_000, 0.55), (5_000, 0.55), (5_001, 1.05), (60_000, 6.05)] {
            assert!((estimate_units(crop_ms) - units).abs() < 1e-9, "{crop_ms}");
        }
        assert_eq!(estimate_text(estimate_units(4_000)), "0.55 units ($0.08)");
    }

    #[test]
    fn what_was_taken_is_told_in_the_form_of_the_estimate() {
        let some = |text: &str| Some(text.to_owned());
        let cost = |units: Option<&str>, usd: Option<&str>, list: Option<&str>| {
            Cost {
                units: units.and_then(some),
                usd: usd.and_then(some),
                list_price: list.and_then(some),
                ..Cost::default()
            }
            .text()
        };
        assert_eq!(cost(Some("1.0"), Some("0.1400"), Some("0.1400")), "1.00 units ($0.14)");
        assert_eq!(cost(Some("0.55"), Some("0.0770"), Some("0.1")), "0.55 units ($0.077) · list price $0.10");
        assert_eq!(cost(None, Some("0.0735"), None), "$0.0735");
        assert_eq!(cost(Some("many"), None, None), "many units");
    }
}
