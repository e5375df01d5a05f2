//! A face that speaks a voice: combines fit, colours, neutral mouth and visemes for one clip.

use std::sync::Arc;

use super::fit::{MouthBox, MouthFit};
use super::look::Look;
use super::neutral::{Closeup, NeutralMouth, mean_look, most_closed, talks};
use super::palette::Palette;
use super::voice::VisemeTrack;
use super::warp::move_mouth;
use crate::media::Frame;
use crate::media::faces::TrackPoint;

/// The model of a face's mouth, independent of the voice.
#[derive(Debug, Clone)]
pub struct Mouth {
    fit: MouthFit,
    palette: Palette,
    /// Drawn over a mouth that talks in the clip itself.
    neutral: Option<NeutralMouth>,
}

impl Mouth {
    /// Learns a mouth from closeups of its face around the time in which it speaks; none without any closeup.
    #[must_use]
    pub fn learn(closeups: &[Closeup], given: Option<MouthBox>) -> Option<Self> {
        if closeups.is_empty() {
            return None;
        }
        let looks: Vec<Look> = closeups.iter().map(Closeup::look).collect();
        let mean = mean_look(&looks);
        let fit = MouthFit::find(&mean, given);
        if talks(&looks, &mean, &fit)
            && let Some(closed) = most_closed(&looks, &mean, &fit)
        {
            // The mean of a talking mouth is a blur; the closed one shows where lips and corners are.
            let fit = MouthFit::find(&looks[closed], given);
            let palette = Palette::of(&looks[closed], &fit);
            return Some(Self { fit, palette, neutral: Some(NeutralMouth::new(closeups[closed].clone(), fit)) });
        }
        Some(Self { fit, palette: Palette::of(&mean, &fit), neutral: None })
    }

    /// Where the mouth was found.
    #[must_use]
    pub const fn fit(&self) -> &MouthFit {
        &self.fit
    }
}

/// Makes one face speak in any frame of a clip.
#[derive(Debug, Clone)]
pub struct Performance {
    mouth: Arc<Mouth>,
    visemes: Arc<VisemeTrack>,
    /// When the voice begins to be heard, in the clip's time, in µs.
    start_us: i64,
}

impl Performance {
    /// A face learnt from closeups of it around the time in which it speaks; none without any closeup.
    #[must_use]
    pub fn prepare(closeups: &[Closeup], given: Option<MouthBox>, visemes: VisemeTrack, start_us: i64) -> Option<Self> {
        Mouth::learn(closeups, given).map(|mouth| Self::of(Arc::new(mouth), Arc::new(visemes), start_us))
    }

    /// A mouth that was learnt, and the visemes of a voice that is heard from `start_us` of the clip's time on.
    #[must_use]
    pub const fn of(mouth: Arc<Mouth>, visemes: Arc<VisemeTrack>, start_us: i64) -> Self {
        Self { mouth, visemes, start_us }
    }

    /// Where the mouth was found.
    #[must_use]
    pub fn fit(&self) -> &MouthFit {
        &self.mouth.fit
    }

    /// Whether the mouth talks in the clip itself, and is covered by a neutral one first.
    #[must_use]
    pub fn covers(&self) -> bool {
        self.mouth.neutral.is_some()
    }

    /// Makes the face at `point` speak. Before and after the voice the frame stays untouched.
    pub fn apply(&self, frame: &mut Frame, point: &TrackPoint) {
        let time_s = (point.pts_us - self.start_us) as f32 * 1e-6;
        let presence = self.visemes.presence(time_s);
        if presence <= 0.0 {
            return;
        }
        let pose = point.pose();
        if let Some(neutral) = &self.mouth.neutral {
            neutral.cover(frame, &pose, presence);
        }
        move_mouth(frame, &pose, &self.mouth.fit, &self.mouth.palette, &self.visemes.at(time_s));
    }
}
