//! Which of the faces found on this machine is which of the service's: by when they are in view, and where that does not decide, by
//! their pictures. Where neither decides, it is said, not guessed.

use crate::model::Interval;

/// What is known of a service's face on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It is this one.
    Is(usize),
    /// It is one of several; which one is not known.
    Unclear,
    /// Nothing found here is in view with it.
    Nowhere,
}

impl Match {
    /// The face found here.
    #[must_use]
    pub const fn track(self) -> Option<usize> {
        match self {
            Self::Is(track) => Some(track),
            Self::Unclear | Self::Nowhere => None,
        }
    }
}

/// Intervals that agree at least so well are those of one face, where no other comes near.
const SAME_TIMES: f64 = 0.9;
/// And no other comes nearer than this.
const OTHER_TIMES: f64 = 0.6;
/// A face that is alone in its time needs at least this much agreement.
const ALONE_TIMES: f64 = 0.5;
/// Two pictures of one face are at least so alike.
const LIKE: f32 = 0.35;
/// Those of any other face are less alike by at least this.
const LIKE_LEAD: f32 = 0.2;

/// For each of the service's faces, which of those found here it is. `similarity` compares the picture of a face with the one
/// found here; `None` where there is no picture to compare.
pub fn matches(
    faces: &[Option<Interval>],
    tracks: &[Interval],
    mut similarity: impl FnMut(usize, usize) -> Option<f32>,
) -> Vec<Match> {
    let candidates: Vec<Vec<usize>> = faces
        .iter()
        .map(|face| (0..tracks.len()).filter(|&track| face.is_none_or(|face| meet(face, tracks[track]))).collect())
        .collect();
    (0..faces.len())
        .map(|face| {
            let own = &candidates[face];
            // Faces that are in view at other times are no rivals: a service may take one face for two.
            let rivals_for = |track: usize| -> Vec<usize> {
                (0..faces.len())
                    .filter(|&other| other != face && candidates[other].contains(&track))
                    .filter(|&other| match (faces[face], faces[other]) {
                        (Some(one), Some(two)) => one.overlap_ms(two) > 0,
                        _ => true,
                    })
                    .collect()
            };
            if own.is_empty() {
                return Match::Nowhere;
            }
            if let Some(track) = by_times(faces, tracks, face, own, &rivals_for) {
                return Match::Is(track);
            }
            by_picture(face, own, &rivals_for, &mut similarity).map_or(Match::Unclear, Match::Is)
        })
        .collect()
}

fn by_times(
    faces: &[Option<Interval>],
    tracks: &[Interval],
    face: usize,
    own: &[usize],
    rivals_for: &impl Fn(usize) -> Vec<usize>,
) -> Option<usize> {
    let interval = faces[face]?;
    let (track, best) =
        own.iter().map(|&track| (track, agreement(interval, tracks[track]))).max_by(|a, b| a.1.total_cmp(&b.1))?;
    let rivals = rivals_for(track);
    if own.len() == 1 && rivals.is_empty() {
        return (best >= ALONE_TIMES).then_some(track);
    }
    let near = |other: f64| other > OTHER_TIMES;
    let doubted = own.iter().any(|&other| other != track && near(agreement(interval, tracks[other])))
        || rivals.iter().any(|&other| faces[other].is_none_or(|other| near(agreement(other, tracks[track]))));
    (best >= SAME_TIMES && !doubted).then_some(track)
}

fn by_picture(
    face: usize,
    own: &[usize],
    rivals_for: &impl Fn(usize) -> Vec<usize>,
    similarity: &mut impl FnMut(usize, usize) -> Option<f32>,
) -> Option<usize> {
    let mut ranked = Vec::new();
    for &track in own {
        ranked.push((track, similarity(face, track)?));
    }
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (track, best) = *ranked.first()?;
    let second = ranked.get(1).map_or(f32::NEG_INFINITY, |second| second.1);
    let clear = best >= LIKE && best - second >= LIKE_LEAD;
    // Another face may be more like it still.
    let mine = || rivals_for(track).into_iter().all(|rival| similarity(rival, track).is_none_or(|other| other < best));
    (clear && { mine }()).then_some(track)
}

/// Whether at least half of the shorter lies in the other.
fn meet(one: Interval, two: Interval) -> bool {
    let shorter_ms = one.len_ms().min(two.len_ms()).max(1);
    one.overlap_ms(two) * 2 >= shorter_ms
}

/// What both have in common, as a share of what either has.
fn agreement(one: Interval, two: Interval) -> f64 {
    let common_ms = one.overlap_ms(two);
    common_ms as f64 / (one.len_ms() + two.len_ms() - common_ms).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(pairs: &[(i64, i64)]) -> Vec<Interval> {
        pairs.iter().map(|&(start_ms, end_ms)| Interval::new(start_ms, end_ms)).collect()
    }

    fn check(faces: &[(i64, i64)], tracks: &[(i64, i64)], alike: &[&[f32]], expected: &[Match]) {
        let faces: Vec<Option<Interval>> = times(faces).into_iter().map(Some).collect();
        let similarity = |face: usize, track: usize| alike.get(face).and_then(|row| row.get(track)).copied();
        assert_eq!(matches(&faces, &times(tracks), similarity), expected);
    }

    #[test]
    fn times_that_agree_need_no_picture() {
        check(&[(0, 9_000), (2_000, 7_000)], &[(0, 9_000), (2_000, 7_040)], &[], &[Match::Is(0), Match::Is(1)]);
        // One face alone, with slightly other times.
        check(&[(200, 8_000)], &[(0, 9_000)], &[], &[Match::Is(0)]);
    }

    #[test]
    fn faces_in_view_together_are_matched_by_their_pictures() {
        let (faces, tracks) = (&[(0, 9_000), (0, 9_000)], &[(0, 9_000), (40, 9_000)]);
        check(faces, tracks, &[&[0.2, 0.9], &[0.8, 0.1]], &[Match::Is(1), Match::Is(0)]);
        check(faces, tracks, &[], &[Match::Unclear, Match::Unclear]);
        check(faces, tracks, &[&[0.7, 0.75], &[0.8, 0.1]], &[Match::Unclear, Match::Is(0)]);
    }

    #[test]
    fn a_face_that_was_not_found_here_takes_none_of_the_others() {
        check(&[(0, 1_000)], &[(5_000, 9_000)], &[], &[Match::Nowhere]);
        // Two of the service's, one here: the picture says whose it is.
        check(&[(0, 9_000), (0, 9_000)], &[(0, 9_000)], &[&[0.9], &[0.55]], &[Match::Is(0), Match::Unclear]);
    }

    #[test]
    fn one_face_that_the_service_takes_for_two_is_both() {
        check(&[(0, 4_000), (5_500, 9_000)], &[(0, 9_000)], &[&[0.9], &[0.8]], &[Match::Is(0), Match::Is(0)]);
    }

    #[test]
    fn faces_of_a_service_without_intervals_are_matched_by_pictures_alone() {
        let likeness = |face: usize, track: usize| Some(if face == track { 0.9 } else { 0.1 });
        assert_eq!(matches(&[None, None], &times(&[(0, 900), (0, 900)]), likeness), [Match::Is(0), Match::Is(1)]);
        assert_eq!(matches(&[None], &times(&[(0, 900)]), |_, _| None), [Match::Unclear]);
    }
}
