//! A face that speaks a voice: the fit, the colours, the quietening and the shapes put together for one clip.

use super::calm::{Calm, Closeup, mean_look, most_closed, talks};
use super::fit::{MouthBox, MouthFit};
use super::palette::Palette;
use super::voice::VoiceShapes;
use super::warp::move_mouth;
use crate::media::Frame;
use crate::media::faces::TrackPoint;

/// Everything that is needed to make one face speak in any frame of a clip.
#[derive(Debug, Clone)]
pub struct Performance {
    fit: MouthFit,
    palette: Palette,
    calm: Option<Calm>,
    shapes: VoiceShapes,
    /// When the voice begins to be heard, in the clip's time, in µs.
    start_us: i64,
}

impl Performance {
    /// Prepares a face from closeups of it around the time in which it shall speak; none without any closeup.
    #[must_use]
    pub fn prepare(closeups: &[Closeup], mouth: Option<MouthBox>, shapes: VoiceShapes, start_us: i64) -> Option<Self> {
        if closeups.is_empty() {
            return None;
        }
        let mean = mean_look(closeups);
        let fit = MouthFit::find(&mean, mouth);
        if talks(closeups, &mean, &fit)
            && let Some(closed) = most_closed(closeups, &mean, &fit)
        {
            // The mean of a talking mouth is a blur; the closed one shows where lips and corners are.
            let fit = MouthFit::find(closed.look(), mouth);
            let palette = Palette::of(closed.look(), &fit);
            return Some(Self { fit, palette, calm: Some(Calm::new(closed.clone(), fit)), shapes, start_us });
        }
        Some(Self { fit, palette: Palette::of(&mean, &fit), calm: None, shapes, start_us })
    }

    /// Where the mouth was found.
    #[must_use]
    pub fn fit(&self) -> &MouthFit {
        &self.fit
    }

    /// Whether the mouth talks in the clip itself, and is quietened first.
    #[must_use]
    pub fn quietens(&self) -> bool {
        self.calm.is_some()
    }

    /// Makes the face at `point` speak. Before and after the voice the frame stays untouched.
    pub fn apply(&self, frame: &mut Frame, point: &TrackPoint) {
        let time_s = (point.pts_us - self.start_us) as f32 * 1e-6;
        let presence = self.shapes.presence(time_s);
        if presence <= 0.0 {
            return;
        }
        let pose = point.pose();
        if let Some(calm) = &self.calm {
            calm.cover(frame, &pose, presence);
        }
        move_mouth(frame, &pose, &self.fit, &self.palette, &self.shapes.at(time_s));
    }
}
