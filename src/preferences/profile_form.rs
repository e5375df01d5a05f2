//! The form in which a service of one's own is entered, and why it cannot be saved yet.

use serde_json::{Map, Value};

use super::words;
use crate::model::profile::{POLL_FLOOR_MS, POLL_LIMIT_MS};
use crate::model::{AuthKind, Dialect, Profile, ServiceAddress};

/// The longest a task can be followed, in minutes: a day.
pub const LIMIT_MAX_MIN: u64 = 24 * 60;
/// The longest wait between two polls, in milliseconds.
pub const POLL_MAX_MS: u64 = 60_000;
/// The longest name.
const NAME_MAX: usize = 40;

/// A profile as it is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileForm {
    /// The name it had; `None` for a new one.
    pub was: Option<String>,
    /// Its name.
    pub name: String,
    /// Which vendor document it follows.
    pub dialect: Dialect,
    /// `https://host`, or with a path behind it: that is its prefix.
    pub base_url: String,
    /// What stands before `/v1/videos/…`.
    pub path_prefix: String,
    /// Whether the service knows our names for tasks ([`Profile::knows_names`]).
    pub knows_names: bool,
    /// Whether what it names is fetched by https alone.
    pub https_only: bool,
    /// Whether what it names may be at private addresses.
    pub allow_private: bool,
    /// Fields added to every body: a JSON object, or nothing.
    pub extra_body: String,
    /// Shortest wait between polls, in milliseconds.
    pub poll_interval_ms: u64,
    /// How long a task is followed before it is paused, in minutes.
    pub poll_limit_min: u64,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormField {
    /// The name.
    Name,
    /// The address.
    Address,
    /// The prefix.
    Prefix,
    /// The added fields.
    Extra,
}

/// Which field cannot be used, and why, in words.
pub type FieldProblem = (FormField, String);

impl ProfileForm {
    /// An empty form.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            was: None,
            name: String::new(),
            dialect: Dialect::Kling,
            base_url: String::new(),
            path_prefix: String::new(),
            knows_names: false,
            https_only: false,
            allow_private: false,
            extra_body: String::new(),
            poll_interval_ms: 2_000,
            poll_limit_min: POLL_LIMIT_MS / 60_000,
        }
    }

    /// The form of a profile that is to be changed.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let extra = if profile.extra_body.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&profile.extra_body).unwrap_or_default()
        };
        Self {
            was: Some(profile.name.clone()),
            name: profile.name.clone(),
            dialect: profile.dialect,
            base_url: profile.base_url.clone(),
            path_prefix: profile.path_prefix.clone(),
            knows_names: profile.knows_names,
            https_only: profile.https_only,
            allow_private: profile.allow_private,
            extra_body: extra,
            poll_interval_ms: profile.poll_interval_ms,
            poll_limit_min: profile.poll_limit_ms.div_ceil(60_000),
        }
    }

    /// The form of a new profile, filled in like another.
    #[must_use]
    pub fn like(profile: &Profile, taken: &[String]) -> Self {
        let name =
            |n: u32| if n == 1 { format!("{} copy", profile.name) } else { format!("{} copy {n}", profile.name) };
        let free = (1..100).map(name).find(|name| !taken.contains(name)).unwrap_or_default();
        Self { was: None, name: free, ..Self::of(profile) }
    }

    /// The profile that was entered. `taken`: the names of the others.
    ///
    /// # Errors
    /// The first field that cannot be used, and why.
    pub fn check(&self, taken: &[String]) -> Result<Profile, FieldProblem> {
        let name = self.name.trim();
        let problem = |field, words: String| Err((field, words));
        if name.is_empty() {
            return problem(FormField::Name, words::NO_NAME.into());
        }
        if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            return problem(FormField::Name, words::bad_name(NAME_MAX));
        }
        if taken.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return problem(FormField::Name, words::name_taken(name));
        }
        let address = self.base_url.parse::<ServiceAddress>();
        let address = address.map_err(|err| (FormField::Address, err.to_string()))?;
        prefix(&address.path).map_err(|why| (FormField::Address, why))?;
        let path_prefix = prefix(&self.path_prefix).map_err(|why| (FormField::Prefix, why))?;
        let (base_url, path_prefix) = address.base_and_prefix(self.dialect, &path_prefix);
        let extra_body = extra(&self.extra_body).map_err(|why| (FormField::Extra, why))?;
        Ok(Profile {
            name: name.to_owned(),
            dialect: self.dialect,
            base_url,
            path_prefix,
            auth: AuthKind::KeyOrSigned,
            knows_names: self.knows_names && self.dialect == Dialect::Kling,
            https_only: self.https_only,
            allow_private: self.allow_private,
            extra_body,
            poll_interval_ms: self.poll_interval_ms.clamp(POLL_FLOOR_MS, POLL_MAX_MS),
            poll_limit_ms: self.poll_limit_min.clamp(1, LIMIT_MAX_MIN) * 60_000,
        })
    }
}

fn prefix(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    if text.is_empty() {
        return Ok(String::new());
    }
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.~".contains(c));
    if !text.starts_with('/') || !plain || text.contains("//") || text.split('/').any(|part| part == "..") {
        return Err(words::BAD_PREFIX.into());
    }
    Ok(text.to_owned())
}

/// Words that name a secret.
const SECRETS: [&str; 6] = ["key", "token", "secret", "password", "auth", "credential"];

fn extra(text: &str) -> Result<Map<String, Value>, String> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    let map: Map<String, Value> = serde_json::from_str(text).map_err(|err| words::not_an_object(&err.to_string()))?;
    match map.keys().find(|name| SECRETS.iter().any(|secret| name.to_ascii_lowercase().contains(secret))) {
        Some(name) => Err(words::secret_field(name)),
        None => Ok(map),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(base_url: &str) -> ProfileForm {
        ProfileForm { name: "acme".into(), base_url: base_url.into(), ..ProfileForm::empty() }
    }

    #[test]
    fn an_address_with_a_path_is_taken_apart() {
        for (dialect, typed, prefix, base_url, path_prefix) in [
            (Dialect::Kling, " https://api.example.com/ ", "", "https://api.example.com", ""),
            (Dialect::Kling, "https://api.example.com/kling/", "", "https://api.example.com", "/kling"),
            (Dialect::Kling, "https://api.example.com/gateway", "/kling", "https://api.example.com", "/gateway/kling"),
            (Dialect::Kirin, "https://api.example.com/gateway", "", "https://api.example.com/gateway", ""),
        ] {
            let form = ProfileForm { dialect, path_prefix: prefix.into(), ..form(typed) };
            let profile = form.check(&[]).unwrap();
            assert_eq!((profile.base_url.as_str(), profile.path_prefix.as_str()), (base_url, path_prefix), "{typed}");
            assert_eq!(ProfileForm::of(&profile).check(&[]).unwrap(), profile, "it is the same when it is edited");
        }
    }

    #[test]
    fn what_is_no_address_is_said_and_a_password_not_repeated() {
        for typed in ["", "api.example.com", "https://me:pw@a.b", "https://a.b/?key=1", "https://a.b/x%20y"] {
            let (field, words) = form(typed).check(&[]).unwrap_err();
            assert_eq!(field, FormField::Address, "{typed}");
            assert!(!words.contains("pw"), "a password is not repeated");
        }
    }

    #[test]
    fn names_prefixes_and_added_fields_are_checked() {
        let good = form("https://a.b");
        let field = |form: ProfileForm| form.check(&["kling".into()]).unwrap_err().0;
        assert_eq!(field(ProfileForm { name: " ".into(), ..good.clone() }), FormField::Name);
        assert_eq!(field(ProfileForm { name: "Kling".into(), ..good.clone() }), FormField::Name);
        assert_eq!(field(ProfileForm { name: "a\nb".into(), ..good.clone() }), FormField::Name);
        for prefix in ["kling", "/a//b", "/../b", "/a b", "/a?b"] {
            assert_eq!(
                field(ProfileForm { path_prefix: prefix.into(), ..good.clone() }),
                FormField::Prefix,
                "{prefix}"
            );
        }
        for extra in ["[1]", "{", r#"{"api_key": "k"}"#, r#"{"Authorization": "Bearer k"}"#] {
            assert_eq!(field(ProfileForm { extra_body: extra.into(), ..good.clone() }), FormField::Extra, "{extra}");
        }
        let full = ProfileForm { path_prefix: "/kling/".into(), extra_body: r#"{"model": "m"}"#.into(), ..good };
        let profile = full.check(&[]).unwrap();
        assert_eq!((profile.path_prefix.as_str(), &profile.extra_body["model"]), ("/kling", &"m".into()));
    }

    #[test]
    fn a_profile_and_its_form_are_the_same() {
        for profile in Profile::built_in().into_iter().filter(|profile| !profile.is_sandbox()) {
            assert_eq!(ProfileForm::of(&profile).check(&[]).unwrap(), profile);
            let copy = ProfileForm::like(&profile, &[format!("{} copy", profile.name)]);
            assert_eq!((copy.was.clone(), copy.name.clone()), (None, format!("{} copy 2", profile.name)));
        }
    }
}
