//! A service of the person's own, as it is being entered, and why it cannot be used yet.

use serde_json::{Map, Value};

use crate::model::profile::{POLL_FLOOR_MS, POLL_LIMIT_MS};
use crate::model::{AuthKind, Dialect, Profile};

/// The longest a task can be followed, in minutes: a day.
pub const LIMIT_MAX_MIN: u64 = 24 * 60;
/// The longest wait between two polls, in milliseconds.
pub const POLL_MAX_MS: u64 = 60_000;
/// The longest name.
const NAME_MAX: usize = 40;

/// A profile as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileDraft {
    /// The name it had; `None` for a new one.
    pub was: Option<String>,
    /// Its name.
    pub name: String,
    /// Which vendor document it follows.
    pub dialect: Dialect,
    /// `https://host`.
    pub base_url: String,
    /// What stands before `/v1/videos/…`.
    pub path_prefix: String,
    /// Fields added to every body: a JSON object, or nothing.
    pub extra_body: String,
    /// Shortest wait between polls, in milliseconds.
    pub poll_interval_ms: u64,
    /// How long a task is followed before it is paused, in minutes.
    pub poll_limit_min: u64,
}

/// A field of the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The name.
    Name,
    /// The address.
    Address,
    /// The prefix.
    Prefix,
    /// The added fields.
    Extra,
}

/// What is wrong with a field, in words.
pub type Fault = (Part, String);

impl ProfileDraft {
    /// Nothing entered yet.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            was: None,
            name: String::new(),
            dialect: Dialect::Kling,
            base_url: String::new(),
            path_prefix: String::new(),
            extra_body: String::new(),
            poll_interval_ms: 2_000,
            poll_limit_min: POLL_LIMIT_MS / 60_000,
        }
    }

    /// A profile to be changed.
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
            extra_body: extra,
            poll_interval_ms: profile.poll_interval_ms,
            poll_limit_min: profile.poll_limit_ms.div_ceil(60_000),
        }
    }

    /// A new one that begins like another.
    #[must_use]
    pub fn like(profile: &Profile, taken: &[String]) -> Self {
        let name =
            |n: u32| if n == 1 { format!("{} copy", profile.name) } else { format!("{} copy {n}", profile.name) };
        let free = (1..100).map(name).find(|name| !taken.contains(name)).unwrap_or_default();
        Self { was: None, name: free, ..Self::of(profile) }
    }

    /// The profile that is meant. `taken`: the names of the others.
    ///
    /// # Errors
    /// The first field that cannot be used, and why.
    pub fn check(&self, taken: &[String]) -> Result<Profile, Fault> {
        let name = self.name.trim();
        let fault = |part, words: &str| Err((part, words.to_owned()));
        if name.is_empty() {
            return fault(Part::Name, "Give it a name");
        }
        if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            return Err((Part::Name, format!("A name is one line of at most {NAME_MAX} letters")));
        }
        if taken.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return Err((Part::Name, format!("There is a service called {name} already")));
        }
        let base_url = address(&self.base_url).map_err(|why| (Part::Address, why))?;
        let path_prefix = prefix(&self.path_prefix).map_err(|why| (Part::Prefix, why))?;
        let extra_body = extra(&self.extra_body).map_err(|why| (Part::Extra, why))?;
        Ok(Profile {
            name: name.to_owned(),
            dialect: self.dialect,
            base_url,
            path_prefix,
            auth: AuthKind::KeyOrSigned,
            extra_body,
            poll_interval_ms: self.poll_interval_ms.clamp(POLL_FLOOR_MS, POLL_MAX_MS),
            poll_limit_ms: self.poll_limit_min.clamp(1, LIMIT_MAX_MIN) * 60_000,
        })
    }
}

fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Give its address: https://host".into());
    }
    let url = url::Url::parse(text).map_err(|err| format!("This is no address: {err}. It begins with https://"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("An address begins with https://".into());
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("The host is missing".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "A name or a password does not belong in the address: keys are typed under the service's name".into()
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("The address ends before ? and #".into());
    }
    if !matches!(url.path(), "" | "/") {
        return Err("The address ends with the host; a path belongs into the prefix".into());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn prefix(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    if text.is_empty() {
        return Ok(String::new());
    }
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.~".contains(c));
    if !text.starts_with('/') || !plain || text.contains("//") || text.split('/').any(|part| part == "..") {
        return Err("A prefix is a path such as /kling".into());
    }
    Ok(text.to_owned())
}

/// Words that name a secret.
const SECRETS: [&str; 6] = ["key", "token", "secret", "password", "auth", "credential"];

fn extra(text: &str) -> Result<Map<String, Value>, String> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    let map: Map<String, Value> = serde_json::from_str(text)
        .map_err(|err| format!("This is no JSON object such as {{\"model\": \"kling-v1\"}}: {err}"))?;
    match map.keys().find(|name| SECRETS.iter().any(|secret| name.to_ascii_lowercase().contains(secret))) {
        Some(name) => {
            Err(format!("{name} looks like a secret, and settings hold none: keys are typed under the service's name"))
        }
        None => Ok(map),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(base_url: &str) -> ProfileDraft {
        ProfileDraft { name: "acme".into(), base_url: base_url.into(), ..ProfileDraft::empty() }
    }

    #[test]
    fn an_address_is_a_scheme_and_a_host() {
        for (typed, meant) in [
            (" https://api.example.com/ ", "https://api.example.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(draft(typed).check(&[]).unwrap().base_url, meant);
        }
        for typed in [
            "",
            "api.example.com",
            "ftp://a.b",
            "https://",
            "https://me:pw@a.b",
            "https://a.b/?key=1",
            "https://a.b/v1",
        ] {
            let (part, words) = draft(typed).check(&[]).unwrap_err();
            assert_eq!(part, Part::Address, "{typed}");
            assert!(!words.contains("pw"), "a password is not repeated");
        }
    }

    #[test]
    fn names_prefixes_and_added_fields_are_checked() {
        let good = draft("https://a.b");
        let part = |draft: ProfileDraft| draft.check(&["kling".into()]).unwrap_err().0;
        assert_eq!(part(ProfileDraft { name: " ".into(), ..good.clone() }), Part::Name);
        assert_eq!(part(ProfileDraft { name: "Kling".into(), ..good.clone() }), Part::Name);
        assert_eq!(part(ProfileDraft { name: "a\nb".into(), ..good.clone() }), Part::Name);
        for prefix in ["kling", "/a//b", "/../b", "/a b", "/a?b"] {
            assert_eq!(part(ProfileDraft { path_prefix: prefix.into(), ..good.clone() }), Part::Prefix, "{prefix}");
        }
        for extra in ["[1]", "{", r#"{"api_key": "k"}"#, r#"{"Authorization": "Bearer k"}"#] {
            assert_eq!(part(ProfileDraft { extra_body: extra.into(), ..good.clone() }), Part::Extra, "{extra}");
        }
        let full = ProfileDraft { path_prefix: "/kling/".into(), extra_body: r#"{"model": "m"}"#.into(), ..good };
        let profile = full.check(&[]).unwrap();
        assert_eq!((profile.path_prefix.as_str(), &profile.extra_body["model"]), ("/kling", &"m".into()));
    }

    #[test]
    fn a_profile_and_its_draft_are_the_same() {
        for profile in Profile::built_in().into_iter().filter(|profile| !profile.is_sandbox()) {
            assert_eq!(ProfileDraft::of(&profile).check(&[]).unwrap(), profile);
            let copy = ProfileDraft::like(&profile, &[format!("{} copy", profile.name)]);
            assert_eq!((copy.was.clone(), copy.name.clone()), (None, format!("{} copy 2", profile.name)));
        }
    }
}
