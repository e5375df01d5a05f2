//! The account of a service that shows it: its packages, what was deducted, and what of that a person should know before they pay.

use serde::{Deserialize, Serialize};

use super::check::Package;
use super::cost::{UNIT_USD, amount};
use super::problem::Problem;
use super::words;

/// A package that ends within this time is worth a warning, in milliseconds: a week.
const ENDS_SOON_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// What is left is little under this share of what there was.
const LITTLE: f64 = 0.1;

/// What a deduction is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purse {
    /// A package, in units.
    Package,
    /// The balance, in money.
    Balance,
}

impl Purse {
    /// Both, the one that is used first first.
    pub const ALL: [Self; 2] = [Self::Package, Self::Balance];
}

/// What was deducted for one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deduction {
    /// The task, as the service names it.
    pub task_id: String,
    /// What was done, in the service's words: `Lip Sync`.
    pub product: Option<String>,
    /// What it was taken from.
    pub purse: Purse,
    /// How much: units of a package, or money.
    pub amount: f64,
    /// The currency of money; `None` for units.
    pub currency: Option<String>,
    /// When, in milliseconds since the epoch.
    pub at_ms: Option<i64>,
    /// The name of the key that was used.
    pub api_key_name: Option<String>,
}

impl Deduction {
    /// So many official units in what this deduction is stated in; `None` where that is a currency whose price of a unit is not known.
    #[must_use]
    pub fn stated(&self, units: f64) -> Option<f64> {
        match (self.purse, self.currency.as_deref()) {
            (Purse::Package, _) => Some(units),
            (Purse::Balance, None | Some("USD")) => Some(amount(units * UNIT_USD)),
            (Purse::Balance, Some(_)) => None,
        }
    }

    /// An amount in what this deduction is stated in: `0.50 units`, `$0.07`, `0.50 CNY`.
    #[must_use]
    pub fn amount_text(&self, amount: f64) -> String {
        let amount = decimals(amount);
        match (self.purse, self.currency.as_deref()) {
            (Purse::Package, _) => format!("{amount} units"),
            (Purse::Balance, None | Some("USD")) => format!("${amount}"),
            (Purse::Balance, Some(currency)) => format!("{amount} {currency}"),
        }
    }
}

/// Two decimals, and as many as four where two would not be the amount: a text costs $0.007 to speak.
fn decimals(amount: f64) -> String {
    let exact = format!("{amount:.4}");
    let short = exact.trim_end_matches('0');
    let is_exact = short.len() + 2 <= exact.len();
    if is_exact { format!("{amount:.2}") } else { short.to_owned() }
}

/// What was deducted since a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Since when, in milliseconds since the epoch.
    pub since_ms: i64,
    /// The newest first.
    pub deductions: Vec<Deduction>,
    /// Whether that is all of them: of very many, not all are read.
    pub is_whole: bool,
}

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// When it was asked for, by the service's clock, in milliseconds since the epoch.
    pub asked_ms: i64,
    /// Its packages.
    pub packages: Vec<Package>,
    /// What was deducted, or why that is not known.
    pub ledger: Result<Ledger, Problem>,
}

impl Account {
    /// How many tasks may be unfinished at once: of several packages, the one that allows most counts.
    #[must_use]
    pub fn at_once(&self) -> Option<u32> {
        self.packages.iter().filter_map(Package::allows).max()
    }

    /// What should be known before something is paid: no package, little left, or an end that is near.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        warnings(&self.packages, self.asked_ms)
    }
}

/// What should be known of these packages before something is paid at this time, in milliseconds since the epoch.
#[must_use]
pub fn warnings(packages: &[Package], now_ms: i64) -> Vec<String> {
    let active: Vec<&Package> = packages.iter().filter(|package| package.is_active(now_ms)).collect();
    if active.is_empty() {
        return vec![words::account_without_package()];
    }
    let mut warnings = Vec::new();
    let sum = |of: fn(&Package) -> Option<f64>| active.iter().map(|package| of(package)).sum::<Option<f64>>();
    if let (Some(remaining), Some(total)) = (sum(|package| package.remaining), sum(|package| package.total))
        && remaining <= total * LITTLE
    {
        warnings.push(words::account_little_left(remaining, total));
    }
    for package in active {
        let left_ms = package.ends_ms.map(|ends_ms| ends_ms.saturating_sub(now_ms));
        if let Some(left_ms) = left_ms.filter(|left_ms| *left_ms < ENDS_SOON_MS) {
            warnings.push(words::account_ends_soon(&package.name, days_text(left_ms.div_euclid(DAY_MS))));
        }
    }
    warnings
}

fn days_text(days: i64) -> String {
    match days {
        0 => words::part_within_a_day(),
        1 => words::part_in_one_day(),
        days => words::part_in_days(days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(remaining: Option<f64>, ends_ms: Option<i64>, status: &str) -> Package {
        Package {
            name: "Video-5Con-30Days".into(),
            kind: None,
            total: Some(100.0),
            remaining,
            ends_ms,
            status: Some(status.into()),
            at_once: Some(5),
        }
    }

    fn warned(packages: Vec<Package>) -> Vec<String> {
        let ledger = Ledger { since_ms: 0, deductions: Vec::new(), is_whole: true };
        Account { asked_ms: 1_000 * DAY_MS, packages, ledger: Ok(ledger) }.warnings()
    }

    #[test]
    fn it_warns_before_a_package_runs_out_or_ends_and_not_earlier() {
        let far = Some(1_100 * DAY_MS);
        assert_eq!(warned(vec![package(Some(10.5), far, "online")]), Vec::<String>::new());
        assert!(warned(vec![package(Some(10.0), far, "online")])[0].contains("10 of 100 units"));
        // Another package has enough.
        assert!(warned(vec![package(Some(1.0), far, "online"), package(Some(90.0), far, "online")]).is_empty());
        // One that says nothing of what is left is not guessed.
        assert!(warned(vec![package(None, far, "online")]).is_empty());
        for (ends_ms, words) in
            [(1_007 * DAY_MS - 1, "in 6 days"), (1_001 * DAY_MS, "in one day"), (1_000 * DAY_MS + 1, "within a day")]
        {
            let warned = warned(vec![package(Some(50.0), Some(ends_ms), "online")]);
            assert!(warned.len() == 1 && warned[0].contains(words), "{warned:?}");
        }
        for gone in [
            vec![],
            vec![package(Some(0.0), far, "runOut")],
            vec![package(Some(50.0), far, "expired")],
            vec![package(Some(50.0), far, "toBeOnline")],
            // It says that it is active, and its end has passed.
            vec![package(Some(50.0), Some(999 * DAY_MS), "online")],
        ] {
            assert!(warned(gone)[0].contains("No package is active"));
        }
    }

    #[test]
    fn an_estimate_is_stated_as_the_deduction_is() {
        let deduction = |purse, currency: Option<&str>| Deduction {
            task_id: "t".into(),
            product: None,
            purse,
            amount: 0.0,
            currency: currency.map(str::to_owned),
            at_ms: None,
            api_key_name: None,
        };
        let of_package = deduction(Purse::Package, None);
        assert_eq!((of_package.stated(0.5), of_package.amount_text(0.5).as_str()), (Some(0.5), "0.50 units"));
        let dollars = deduction(Purse::Balance, Some("USD"));
        let stated = dollars.stated(0.5).unwrap();
        assert!((stated - 0.07).abs() < 1e-9 && dollars.amount_text(stated) == "$0.07");
        let yuan = deduction(Purse::Balance, Some("CNY"));
        assert_eq!((yuan.stated(0.5), yuan.amount_text(0.5).as_str()), (None, "0.50 CNY"));
        let texts = [0.007, 0.05, 12.0, 0.1234, 0.125, 0.0].map(|amount| dollars.amount_text(amount));
        assert_eq!(texts, ["$0.007", "$0.05", "$12.00", "$0.1234", "$0.125", "$0.00"]);
    }
}
