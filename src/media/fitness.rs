//! What is measured of a face in the part of the clip in which it is to speak; what it means is `model::fitness`.

use super::faces::{FaceTrack, TrackPoint};
use super::identify::Identified;
use crate::model::Interval;
use crate::model::fitness::FaceMeasures;

impl Identified {
    /// Measures a face while the voice is heard in `span`, as far as the face is in view then. `None` where it is not in view at all.
    #[must_use]
    pub fn measures(&self, face: &FaceTrack, span: Interval) -> Option<FaceMeasures> {
        let (start_ms, end_ms) = (span.start_ms.max(face.interval.start_ms), span.end_ms.min(face.interval.end_ms));
        let is_inside = |pts_us: i64| (start_ms * 1000..end_ms * 1000).contains(&pts_us);
        let points: Vec<&TrackPoint> = face.frames.iter().filter(|point| is_inside(point.pts_us)).collect();
        let size_px = middle(points.iter().map(|point| point.size_px).collect())?;
        let expected = (end_ms - start_ms).max(0) as f64 / 1000.0 * self.fps;
        let views: Vec<_> = face.views.iter().filter(|view| is_inside(view.pts_us)).collect();
        Some(FaceMeasures {
            size_px,
            // The mean rate of a clip is not that of each part: a frame more or less is none missing.
            seen_share: (((points.len() + 1) as f64 / expected.max(1.0)) as f32).min(1.0),
            sharpness: middle(views.iter().map(|view| view.sharpness).collect()),
            turn: middle(views.iter().map(|view| view.turn).collect()),
            sways: sways(views.iter().map(|view| view.side).collect()),
            parted: nearly_least(views.iter().filter_map(|view| view.parted).collect()),
            cuts: self.cuts_ms.iter().filter(|&&at_ms| start_ms < at_ms && at_ms < end_ms).count(),
        })
    }
}

fn middle(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// How far apart the values are, without a tenth of them at either end: one view in ten may be mistaken.
fn sways(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    let out = values.len() / 10;
    let (least, most) = (values.get(out)?, values.get(values.len() - 1 - out)?);
    (values.len() > 1).then(|| most - least)
}

/// What a tenth of the values are below.
fn nearly_least(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 10).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::faces::ViewQuality;

    fn clip(frames: impl Iterator<Item = i64>) -> Identified {
        let point = |number: i64| TrackPoint {
            pts_us: number * 40_000,
            cx: 100.0,
            cy: 100.0,
            size_px: if number < 50 { 80.0 } else { 200.0 },
            roll_rad: 0.0,
        };
        let view = |second: i64| ViewQuality {
            pts_us: second * 1_000_000,
            sharpness: 0.1 * second as f32,
            turn: 0.2,
            side: -0.1 * second as f32,
            parted: Some(0.1 * second as f32),
        };
        let face = FaceTrack {
            interval: Interval::new(0, 4_000),
            frames: frames.map(point).collect(),
            views: (0..4).map(view).collect(),
            preview_jpeg: Vec::new(),
            score: 9.0,
        };
        let cuts_ms = vec![2_000];
        Identified { duration_ms: 6_000, width_px: 640, height_px: 360, fps: 25.0, cuts_ms, faces: vec![face] }
    }

    #[test]
    fn only_the_part_in_which_it_speaks_is_measured() {
        let found = clip(0..100);
        let of = |start_ms: i64, end_ms: i64| found.measures(&found.faces[0], Interval::new(start_ms, end_ms));
        let early = of(0, 2_000).unwrap();
        assert_eq!((early.size_px, early.seen_share, early.sharpness, early.cuts), (80.0, 1.0, Some(0.1), 0));
        let late = of(2_000, 6_000).unwrap();
        assert_eq!(
            (late.size_px, late.seen_share, late.cuts),
            (200.0, 1.0, 0),
            "after its time in view nothing counts"
        );
        assert_eq!(of(1_000, 3_000).unwrap().cuts, 1);
        assert_eq!(of(4_000, 6_000), None);
    }

    #[test]
    fn a_head_that_turns_and_lips_that_never_touch_are_measured_by_most_of_the_views() {
        let mut found = clip(0..100);
        let measured = |found: &Identified| {
            let measures = found.measures(&found.faces[0], Interval::new(0, 4_000)).unwrap();
            (measures.sways, measures.parted)
        };
        let (sways, parted) = measured(&found);
        assert!((sways.unwrap() - 0.3).abs() < 1e-6 && parted == Some(0.0), "{sways:?} {parted:?}");
        let template = found.faces[0].views[0];
        found.faces[0].views = (0..20)
            .map(|number| ViewQuality {
                side: if number == 7 { 0.9 } else { 0.1 },
                parted: Some(if number == 9 { 0.0 } else { 0.2 }),
                ..template
            })
            .collect();
        assert_eq!(measured(&found), (Some(0.0), Some(0.2)), "one view in twenty is no habit");
        found.faces[0].views.truncate(1);
        assert_eq!(measured(&found).0, None, "one view shows no turn");
    }

    #[test]
    fn frames_without_it_are_missed() {
        let found = clip((0..100).filter(|number| number % 2 == 0));
        let share = found.measures(&found.faces[0], Interval::new(0, 4_000)).unwrap().seen_share;
        assert!((share - 0.5).abs() < 0.02, "{share}");
    }
}
