//! What a job costs: the estimate, and what the service charged (wire contract §6).

use serde::{Deserialize, Serialize, Serializer};

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

/// Units for a text that is spoken.
pub const SPEECH_UNITS: f64 = 0.05;

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

/// An amount without the noise of binary fractions: rounded to the millionth, in which budgets are counted. `0.05 * 0.14` is 0.007, and not
/// 0.007000000000000001.
#[must_use]
pub fn amount(amount: f64) -> f64 {
    let rounded = (amount * 1e6).round() / 1e6;
    // What is too great for it has no fraction.
    if rounded.is_finite() { rounded } else { amount }
}

/// [`amount`], as serde takes it.
///
/// # Errors
/// Those of the serializer.
#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub fn write_amount<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(amount).serialize(serializer)
}

impl Cost {
    /// Whether the service says that nothing was charged.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let is_zero = |text: &String| text.trim().parse() == Ok(0.0_f64);
        let mut stated = self.units.iter().chain(&self.usd).peekable();
        stated.peek().is_some() && stated.all(is_zero)
    }

    /// What several stages cost together. An amount is the sum of those that are stated as numbers; one that only a single stage states is as
    /// received. `None`: no stage says what it cost.
    #[must_use]
    pub fn sum(stages: &[&Self]) -> Option<Self> {
        let sum = |of: fn(&Self) -> &Option<String>| {
            let stated: Vec<&str> = stages.iter().filter_map(|stage| of(stage).as_deref()).collect();
            match stated.as_slice() {
                [] => None,
                [only] => Some((*only).to_owned()),
                several => {
                    let number = |text: &&str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
                    several.iter().map(number).sum::<Option<f64>>().map(|sum| amount(sum).to_string())
                }
            }
        };
        let discounts: Vec<_> = stages.iter().filter_map(|stage| stage.discount.as_ref()).collect();
        let discount = discounts.first().filter(|first| discounts.iter().all(|discount| discount == *first));
        (!stages.is_empty()).then(|| Self {
            units: sum(|cost| &cost.units),
            usd: sum(|cost| &cost.usd),
            list_price: sum(|cost| &cost.list_price),
            discount: discount.map(|discount| (*discount).clone()),
        })
    }

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
    fn stages_are_added_up_without_noise() {
        let cost = |units: &str, usd: &str| Cost {
            units: Some(units.into()),
            usd: Some(usd.into()),
            discount: Some("1".into()),
            ..Cost::default()
        };
        let (identify, create) = (cost("0.05", "0.007"), cost("0.5", "0.07"));
        assert_eq!(Cost::sum(&[&identify, &create]), Some(cost("0.55", "0.077")));
        assert_eq!(Cost::sum(&[&create]), Some(create.clone()), "as received");
        assert_eq!(Cost::sum(&[]), None);
        let silent = Cost { list_price: Some("0.1".into()), ..Cost::default() };
        let sum = Cost::sum(&[&silent, &cost("many", "0.10")]).unwrap();
        assert_eq!(
            (sum.units.as_deref(), sum.usd.as_deref(), sum.list_price.as_deref()),
            (Some("many"), Some("0.10"), Some("0.1"))
        );
        assert_eq!(Cost::sum(&[&create, &cost("many", "1")]).unwrap().units, None, "no sum of words");
        for (noisy, plain) in [(0.05 * 0.14, "0.007"), (0.1 + 0.2, "0.3"), (1e305, "1e305"), (0.55, "0.55")] {
            assert_eq!(serde_json::json!(amount(noisy)).to_string().replace('+', ""), plain);
        }
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
