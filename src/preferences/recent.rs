//! Clips and voices that were opened: files by their path, and addresses that say nothing secret.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::{ClipSource, VoiceSource};

/// How many are remembered of each.
pub const MOST: usize = 10;

/// Something that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recent {
    /// A file on this machine.
    File(PathBuf),
    /// An address.
    Address(String),
}

impl Recent {
    /// A clip as it is remembered; `None` where it is not: ids, which end with the session, and addresses that may hold a secret.
    #[must_use]
    pub fn of_clip(clip: &ClipSource) -> Option<Self> {
        match clip {
            ClipSource::File(path) => Some(Self::File(path.clone())),
            ClipSource::Url(url) => Self::of_address(url),
            ClipSource::VideoId(_) => None,
        }
    }

    /// A voice as it is remembered; see [`Recent::of_clip`].
    #[must_use]
    pub fn of_voice(voice: &VoiceSource) -> Option<Self> {
        match voice {
            VoiceSource::File(path) => Some(Self::File(path.clone())),
            VoiceSource::Url(url) => Self::of_address(url),
            VoiceSource::AudioId(_) => None,
        }
    }

    /// Signed addresses carry their signature in the query, others a password before the host: neither is ever written down.
    fn of_address(address: &str) -> Option<Self> {
        let url = url::Url::parse(address).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        plain.then(|| Self::Address(address.to_owned()))
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => {
                path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
            }
            Self::Address(address) => address
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .filter(|name| !name.is_empty())
                .unwrap_or(address)
                .to_owned(),
        }
    }

    /// Where it is: the folder, or the host.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::File(path) => path.parent().map(crate::files::folders::short).unwrap_or_default(),
            Self::Address(address) => {
                url::Url::parse(address).ok().and_then(|url| Some(url.host_str()?.to_owned())).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_secret_in_it_is_not_remembered() {
        let of = |url: &str| Recent::of_clip(&ClipSource::Url(url.into()));
        assert!(of("https://example.com/clips/duo.mp4").is_some());
        for secret in [
            "https://example.com/duo.mp4?X-Amz-Signature=abc",
            "https://me:word@example.com/duo.mp4",
            "https://me@example.com/duo.mp4",
            "https://example.com/duo.mp4#token=abc",
            "ftp://example.com/duo.mp4",
            "duo.mp4",
        ] {
            assert_eq!(of(secret), None, "{secret}");
        }
        assert_eq!(Recent::of_clip(&ClipSource::VideoId("v1".into())), None);
    }

    #[test]
    fn each_says_what_and_where() {
        let address = Recent::Address("https://example.com/clips/duo.mp4".into());
        assert_eq!((address.name().as_str(), address.place().as_str()), ("duo.mp4", "example.com"));
        let file = Recent::File("/films/duo.mp4".into());
        assert_eq!((file.name().as_str(), file.place().as_str()), ("duo.mp4", "/films"));
    }
}
