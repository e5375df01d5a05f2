//! A clip as its own bytes describe it, and the rules for a video (wire contract §2).

use serde::{Deserialize, Serialize};

use super::rule::{RuleReport, Verdict, beyond};
use super::words;

/// What the probe of a clip's container found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClipProbe {
    /// Container by its bytes, not its name: `mp4`, `mov`, or what else it looks like.
    pub container: String,
    /// Size of the file in bytes.
    pub size_bytes: u64,
    /// Length of the video in milliseconds.
    pub duration_ms: i64,
    /// Width as displayed, after rotation.
    pub width_px: u32,
    /// Height as displayed, after rotation.
    pub height_px: u32,
    /// Mean frame rate; frames a second.
    pub fps: f64,
    /// Whether frames are not evenly spaced.
    pub variable_rate: bool,
    /// Codec of the picture: `H.264`, `HEVC`, …
    pub video_codec: String,
    /// High dynamic range, where the clip has it: `HLG` or `PQ`. Its pictures are shown and sent on in standard range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hdr: Option<String>,
    /// Codec of the sound, where there is any.
    pub audio_codec: Option<String>,
}

impl ClipProbe {
    /// The codec of the picture, and that it is shown in standard range where it is of high dynamic range.
    #[must_use]
    pub fn picture_words(&self) -> String {
        self.hdr.as_ref().map_or_else(|| self.video_codec.clone(), |hdr| words::clip_hdr(&self.video_codec, hdr))
    }

    /// Why its pictures cannot be decoded here, with what to do, as far as the container shows it; `None`: they can be.
    #[must_use]
    pub fn undecoded(&self) -> Option<String> {
        if !DECODED.contains(&self.video_codec.as_str()) {
            return Some(match self.video_codec.as_str() {
                "HEVC" => words::clip_hevc_left_out(),
                codec => words::clip_not_decoded(codec),
            });
        }
        let side_px = self.width_px.max(self.height_px);
        (side_px > MAX_DECODED_SIDE_PX).then(|| words::clip_too_large_to_decode(side_px, MAX_DECODED_SIDE_PX))
    }
}

/// Containers the services accept.
pub const CONTAINERS: [&str; 2] = ["mp4", "mov"];
/// Largest file: 100 MB, read as 100 · 2²⁰ bytes, the larger reading, so that nothing allowed is refused here.
pub const MAX_SIZE_BYTES: u64 = 100 * 1024 * 1024;
/// Shortest and longest clip.
pub const MIN_DURATION_MS: i64 = 2_000;
/// See [`MIN_DURATION_MS`].
pub const MAX_DURATION_MS: i64 = 60_000;
/// Shortest and longest side.
pub const MIN_SIDE_PX: u32 = 512;
/// See [`MIN_SIDE_PX`].
pub const MAX_SIDE_PX: u32 = 2_160;

/// Checks a clip against every rule for the video.
#[must_use]
pub fn check_clip(clip: &ClipProbe) -> Vec<RuleReport> {
    let broken_if = |bad: bool, why: String| if bad { Verdict::Broken(why) } else { Verdict::Pass };
    let (short_px, long_px) = (clip.width_px.min(clip.height_px), clip.width_px.max(clip.height_px));
    let usual = matches!((short_px, long_px), (720, 1280) | (1080, 1920));
    let size = format!("{}×{}", clip.width_px, clip.height_px);
    vec![
        RuleReport::new(
            "video.container",
            "MP4 or MOV",
            broken_if(!CONTAINERS.contains(&clip.container.as_str()), words::clip_container(&clip.container)),
        ),
        RuleReport::new(
            "video.size",
            "At most 100 MB",
            broken_if(clip.size_bytes > MAX_SIZE_BYTES, words::clip_size(clip.size_bytes, MAX_SIZE_BYTES)),
        ),
        RuleReport::new(
            "video.duration",
            "2 s to 60 s",
            beyond(clip.duration_ms, MIN_DURATION_MS, MAX_DURATION_MS)
                .map_or(Verdict::Pass, |why| Verdict::Broken(words::clip_length(why))),
        ),
        RuleReport::new(
            "video.dimensions",
            "Each side 512 to 2160 px",
            if short_px < MIN_SIDE_PX {
                Verdict::Broken(words::clip_too_small(size, short_px, MIN_SIDE_PX))
            } else if long_px > MAX_SIDE_PX {
                Verdict::Broken(words::clip_too_large(size, long_px, MAX_SIDE_PX))
            } else if usual {
                Verdict::Pass
            } else {
                Verdict::Warn(words::clip_unusual(size))
            },
        ),
    ]
}

/// Codecs of pictures that are decoded here, for the preview and by the sandbox.
pub const DECODED: &[&str] = if cfg!(feature = "hevc") { &["H.264", "HEVC"] } else { &["H.264"] };

/// Longest side of a picture that is decoded here: larger ones than any service takes would only eat memory.
pub const MAX_DECODED_SIDE_PX: u32 = 4_096;

/// Checks whether the sandbox can decode the picture. The services have no such rule.
#[must_use]
pub fn check_sandbox_codec(clip: &ClipProbe) -> RuleReport {
    let verdict = if DECODED.contains(&clip.video_codec.as_str()) {
        Verdict::Pass
    } else {
        Verdict::Broken(words::clip_codec(&clip.video_codec))
    };
    let rule = if cfg!(feature = "hevc") { "H.264 or HEVC in the sandbox" } else { "H.264 in the sandbox" };
    RuleReport::new("video.codec", rule, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::first_broken;

    fn clip() -> ClipProbe {
        ClipProbe {
            container: "mp4".into(),
            size_bytes: 1_000_000,
            duration_ms: 9_000,
            width_px: 1280,
            height_px: 720,
            fps: 25.0,
            variable_rate: false,
            video_codec: "H.264".into(),
            hdr: None,
            audio_codec: None,
        }
    }

    #[test]
    fn a_good_clip_passes_every_rule() {
        assert!(check_clip(&clip()).iter().all(|report| report.verdict == Verdict::Pass));
    }

    #[test]
    fn each_limit_is_named_with_its_arithmetic() {
        let cases: [(&str, ClipProbe, &str); 6] = [
            ("video.container", ClipProbe { container: "webm".into(), ..clip() }, "webm"),
            ("video.size", ClipProbe { size_bytes: MAX_SIZE_BYTES + 1, ..clip() }, "104857601 bytes >"),
            ("video.duration", ClipProbe { duration_ms: 1_500, ..clip() }, "1.5 s is shorter than 2 s"),
            ("video.duration", ClipProbe { duration_ms: 61_000, ..clip() }, "61 s is longer than 60 s"),
            ("video.dimensions", ClipProbe { width_px: 640, height_px: 360, ..clip() }, "360 px < 512 px"),
            ("video.dimensions", ClipProbe { width_px: 2200, height_px: 1080, ..clip() }, "2200 px > 2160 px"),
        ];
        for (rule, clip, words) in cases {
            let reports = check_clip(&clip);
            let broken = first_broken(&reports).unwrap();
            assert_eq!(broken.rule, rule);
            assert!(broken.why().unwrap().contains(words), "{:?}", broken.why());
        }
    }

    #[test]
    fn only_what_the_sandbox_decodes_is_for_the_sandbox() {
        assert_eq!(check_sandbox_codec(&clip()).verdict, Verdict::Pass);
        let hevc = check_sandbox_codec(&ClipProbe { video_codec: "HEVC".into(), ..clip() });
        assert_eq!(hevc.is_broken(), !cfg!(feature = "hevc"), "{hevc:?}");
        let av1 = check_sandbox_codec(&ClipProbe { video_codec: "AV1".into(), ..clip() });
        assert!(av1.is_broken() && av1.why().unwrap().starts_with("The clip is AV1"), "{av1:?}");
    }

    #[test]
    fn what_cannot_be_decoded_says_what_decodes_it() {
        let why = |clip: ClipProbe| clip.undecoded();
        assert_eq!(why(clip()), None);
        assert_eq!(why(ClipProbe { video_codec: "HEVC".into(), ..clip() }).is_none(), cfg!(feature = "hevc"));
        let av1 = why(ClipProbe { video_codec: "AV1".into(), ..clip() }).unwrap();
        assert!(av1.starts_with("The picture is AV1") && av1.contains("ffmpeg"), "{av1}");
        let large = why(ClipProbe { width_px: 7_680, height_px: 4_320, ..clip() }).unwrap();
        assert!(large.contains("7680 px") && large.contains("4096 px"), "{large}");
    }

    #[test]
    fn an_unusual_size_between_the_limits_only_warns() {
        let reports = check_clip(&ClipProbe { width_px: 1000, height_px: 1000, ..clip() });
        assert!(first_broken(&reports).is_none());
        assert!(reports.iter().any(|report| matches!(report.verdict, Verdict::Warn(_))));
        let portrait = check_clip(&ClipProbe { width_px: 1080, height_px: 1920, ..clip() });
        assert!(portrait.iter().all(|report| report.verdict == Verdict::Pass));
    }
}
