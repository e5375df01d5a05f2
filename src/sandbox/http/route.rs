//! Paths and their methods.

use percent_encoding::percent_decode_str;

/// A resource of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// A page about the sandbox.
    Root,
    /// Whether the sandbox is up.
    Health,
    /// The `OpenAPI` document.
    OpenApi,
    /// `kling`: identify.
    Identify,
    /// `kling`: create, and the list.
    LipSyncs,
    /// `kling`: query.
    LipSync(String),
    /// `kling`: text to speech.
    Speech,
    /// `kling`: tasks by the caller's own names for them.
    TasksByName,
    /// The account: its packages.
    AccountCosts,
    /// The account: what was deducted from packages.
    PackageDeductions,
    /// The account: what was deducted from the balance.
    BalanceDeductions,
    /// `kirin`: create, of both models.
    Generations,
    /// `kirin`: query.
    Generation(String),
    /// The sandbox's own: upload a local file.
    Upload(String),
    /// An uploaded file.
    Media(String),
    /// The preview of a face.
    FaceImage {
        /// Names the session.
        token: String,
        /// Names the face.
        face_id: String,
    },
    /// A result.
    Result(String),
}

impl Route {
    /// The route of a path; `None` where nothing is. A slash at the end is another path.
    pub fn find(path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let text = |segment: &str| {
            percent_decode_str(segment).decode_utf8().ok().map(Into::into).filter(|text: &String| !text.is_empty())
        };
        match segments.as_slice() {
            [""] => Some(Self::Root),
            ["health"] => Some(Self::Health),
            ["openapi.json"] => Some(Self::OpenApi),
            ["model", "v1", "generation"] => Some(Self::Generations),
            ["model", "v1", "generation", "task", id] => text(id).map(Self::Generation),
            ["media", name] => text(name).map(Self::Upload),
            ["media", id, _name] => text(id).map(Self::Media),
            ["faces", token, file] => {
                let face_id = text(file.strip_suffix(".jpg")?)?;
                text(token).map(|token| Self::FaceImage { token, face_id })
            }
            ["results", file] => text(file.strip_suffix(".mp4")?).map(Self::Result),
            ["v1", "videos", rest @ ..] => Self::find_kling(rest, text),
            [prefix, "v1", "videos", rest @ ..] if !prefix.is_empty() => Self::find_kling(rest, text),
            ["v1", "audio", "tts"] => Some(Self::Speech),
            [prefix, "v1", "audio", "tts"] if !prefix.is_empty() => Some(Self::Speech),
            ["tasks" | "account", ..] => Self::find_of_account(&segments),
            [prefix, rest @ ..] if !prefix.is_empty() => Self::find_of_account(rest),
            _ => None,
        }
    }

    fn find_of_account(segments: &[&str]) -> Option<Self> {
        match segments {
            ["tasks"] => Some(Self::TasksByName),
            ["account", "costs"] => Some(Self::AccountCosts),
            ["account", "billing", "package"] => Some(Self::PackageDeductions),
            ["account", "billing", "balance"] => Some(Self::BalanceDeductions),
            _ => None,
        }
    }

    fn find_kling(rest: &[&str], text: impl Fn(&str) -> Option<String>) -> Option<Self> {
        match rest {
            // Older editions of the official document print a capital I, and clients were written from them.
            ["identify-face" | "Identify-face"] => Some(Self::Identify),
            ["advanced-lip-sync"] => Some(Self::LipSyncs),
            ["advanced-lip-sync", id] => text(id).map(Self::LipSync),
            _ => None,
        }
    }

    /// Its methods, as in the header `Allow`.
    pub const fn allow(&self) -> &'static str {
        match self {
            Self::Identify | Self::Speech | Self::Generations | Self::PackageDeductions | Self::BalanceDeductions => {
                "POST, OPTIONS"
            }
            Self::LipSyncs => "GET, HEAD, POST, OPTIONS",
            Self::Upload(_) => "PUT, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }

    /// Whether it needs the key. Files need none: their addresses cannot be guessed.
    pub const fn needs_key(&self) -> bool {
        matches!(
            self,
            Self::Identify
                | Self::LipSyncs
                | Self::LipSync(_)
                | Self::Speech
                | Self::TasksByName
                | Self::AccountCosts
                | Self::PackageDeductions
                | Self::BalanceDeductions
                | Self::Generations
                | Self::Generation(_)
                | Self::Upload(_)
        )
    }

    /// Whether its refusals are written in the `kirin` dialect.
    pub const fn is_kirin(&self) -> bool {
        matches!(self, Self::Generations | Self::Generation(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_documents_have_routes() {
        let cases = [
            ("/", Some(Route::Root)),
            ("/v1/videos/identify-face", Some(Route::Identify)),
            ("/kling/v1/videos/identify-face", Some(Route::Identify)),
            ("/kling/v1/videos/Identify-face", Some(Route::Identify)),
            ("/klingai/v1/videos/advanced-lip-sync", Some(Route::LipSyncs)),
            ("/v1/videos/advanced-lip-sync/1", Some(Route::LipSync("1".into()))),
            ("/v1/videos/advanced-lip-sync/a%20b", Some(Route::LipSync("a b".into()))),
            ("/v1/audio/tts", Some(Route::Speech)),
            ("/kling/v1/audio/tts", Some(Route::Speech)),
            ("/tasks", Some(Route::TasksByName)),
            ("/kling/tasks", Some(Route::TasksByName)),
            ("/account/costs", Some(Route::AccountCosts)),
            ("/kling/account/costs", Some(Route::AccountCosts)),
            ("/account/billing/package", Some(Route::PackageDeductions)),
            ("/kling/account/billing/balance", Some(Route::BalanceDeductions)),
            ("/model/v1/generation", Some(Route::Generations)),
            ("/model/v1/generation/task/x", Some(Route::Generation("x".into()))),
            ("/media/duo.mp4", Some(Route::Upload("duo.mp4".into()))),
            ("/media/1/duo.mp4", Some(Route::Media("1".into()))),
            ("/faces/t/-1.jpg", Some(Route::FaceImage { token: "t".into(), face_id: "-1".into() })),
            ("/results/7.mp4", Some(Route::Result("7".into()))),
        ];
        for (path, route) in cases {
            assert_eq!(Route::find(path), route, "{path}");
        }
    }

    #[test]
    fn other_paths_have_none() {
        for path in [
            "",
            "v1",
            "/v1/videos/identify-face/",
            "/v1/videos/advanced-lip-sync/",
            "/a/b/v1/videos/identify-face",
            "//v1/videos/identify-face",
            "/v1/videos/lip-sync",
            "/v1/audio",
            "/a/b/v1/audio/tts",
            "/model/v1/generation/task",
            "/media/",
            "/account",
            "/a/b/tasks",
            "//tasks",
            "/results/7.mov",
            "/v1/videos/advanced-lip-sync/%ff",
        ] {
            assert_eq!(Route::find(path), None, "{path}");
        }
    }
}
