//! The mouth of one face in every frame that shows it.

use std::sync::Arc;

use super::Known;
use super::affine::Affine;
use crate::media::mouth::fit::MouthFit;
use crate::media::mouth::look::Look;

/// Longer than this from one frame to the next, the face was out of view between them.
const GAP_US: i64 = 150_000;
/// How long a drawn mouth takes to appear beside frames in which it is not known.
const FADE_US: i64 = 160_000;

/// The mouth in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MouthSample {
    /// Presentation time of the frame in µs.
    pub pts_us: i64,
    /// From face units, as all frames of this track share them, to pixels of the picture.
    pub place: Affine,
    /// How far the mouth is open in the middle, in widths of the mouth at rest: 0 is closed, 0.3 and more a loud "ah".
    pub opening: f32,
    /// How much of it shows teeth, likewise: lips may be apart over closed teeth.
    pub teeth: f32,
    /// How much of the mouth's width at rest is open.
    pub width: f32,
    /// 0: the mouth is not known here (a hand, profile, blur, at the edge of the picture); 1: certain.
    pub confidence: f32,
}

/// The mouth of one face in every frame that shows it.
#[derive(Debug, Clone)]
pub struct MouthTrack {
    /// In order of time.
    pub samples: Vec<MouthSample>,
    /// For each sample a small picture of the mouth, upright and in one light.
    pub(super) looks: Vec<Vec<u8>>,
    /// For each sample nose and cheeks, likewise.
    pub(super) aspects: Vec<Vec<u8>>,
    /// For each sample how far the mouth is from where eyes and nose say, in face units.
    pub(super) carried: Vec<(f32, f32)>,
    pub(super) known: Arc<Known>,
}

impl MouthTrack {
    /// Where the mouth is, in the face units of the samples' places.
    #[must_use]
    pub fn fit(&self) -> &MouthFit {
        &self.known.fit
    }

    /// The lower face with the mouth at rest: the mean of the frames in which it is most closed.
    #[must_use]
    pub(crate) fn rest(&self) -> &Look {
        &self.known.rest
    }

    /// A small picture of the mouth in a sample, upright and in one light: to tell how alike two mouths look.
    #[must_use]
    pub(crate) fn look(&self, index: usize) -> &[u8] {
        self.looks.get(index).map_or(&[], Vec::as_slice)
    }

    /// Nose and cheeks in a sample, upright and in one light: to tell how alike two heads are turned.
    #[must_use]
    pub(crate) fn aspect(&self, index: usize) -> &[u8] {
        self.aspects.get(index).map_or(&[], Vec::as_slice)
    }

    /// How far the mouth is in a sample from where eyes and nose say, in face units: to tell how alike two heads are turned and nod.
    #[must_use]
    pub(crate) fn carried(&self, index: usize) -> (f32, f32) {
        self.carried.get(index).copied().unwrap_or_default()
    }

    /// The sample of the frame shown at `pts_us`; none if the face is not in view there.
    #[must_use]
    pub fn at(&self, pts_us: i64) -> Option<&MouthSample> {
        self.samples.get(self.index_at(pts_us)?)
    }

    /// As [`MouthTrack::at`], the number of the sample.
    #[must_use]
    pub fn index_at(&self, pts_us: i64) -> Option<usize> {
        // Containers round times; half a millisecond is far below any frame's length.
        let index = self.samples.partition_point(|sample| sample.pts_us < pts_us - 500);
        self.samples.get(index).filter(|sample| (sample.pts_us - pts_us).abs() <= 500).map(|_| index)
    }

    /// For each sample how much of a drawn mouth may be shown: 0 where the mouth is not known, 1 well inside of where it is, and between
    /// them a few frames of transition, so that nothing pops.
    #[must_use]
    pub fn shown(&self) -> Vec<f32> {
        let doubtful: Vec<bool> = self.samples.iter().map(|sample| sample.confidence < 0.5).collect();
        let unknown = |index: usize| {
            // One frame or two of doubt between sure ones are a blink or a blur: the head has not left.
            let run_start = (0..index).rev().take_while(|&at| doubtful[at]).last().unwrap_or(index);
            let run = (run_start..doubtful.len()).take_while(|&at| doubtful[at]).count();
            doubtful[index] && (run > 2 || self.samples[index].confidence < 0.05)
        };
        let ends: Vec<i64> = (0..self.samples.len())
            .flat_map(|index| {
                let gap = index > 0 && self.samples[index].pts_us - self.samples[index - 1].pts_us > GAP_US;
                let edge = gap.then(|| i64::midpoint(self.samples[index].pts_us, self.samples[index - 1].pts_us));
                unknown(index).then_some(self.samples[index].pts_us).into_iter().chain(edge)
            })
            .collect();
        self.samples
            .iter()
            .map(|sample| {
                let after = ends.partition_point(|&at_us| at_us < sample.pts_us);
                let near = [after.checked_sub(1), Some(after)].into_iter().flatten().filter_map(|at| ends.get(at));
                let apart_us = near.map(|at_us| (at_us - sample.pts_us).abs()).min().unwrap_or(i64::MAX);
                (apart_us as f32 / FADE_US as f32).min(1.0)
            })
            .collect()
    }

    /// The opening below which this share of the certain frames is; 0 without any.
    #[must_use]
    pub fn opening_quantile(&self, share: f32) -> f32 {
        let mut openings: Vec<f32> =
            self.samples.iter().filter(|sample| sample.confidence > 0.5).map(|sample| sample.opening).collect();
        openings.sort_by(f32::total_cmp);
        let at = (share.clamp(0.0, 1.0) * openings.len().saturating_sub(1) as f32).round() as usize;
        openings.get(at).copied().unwrap_or(0.0)
    }
}
