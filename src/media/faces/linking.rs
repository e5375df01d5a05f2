//! Which tracks are one person: before and after a cut, and before and after a gap of at most a second.
//!
//! Two ids for one person are a nuisance; one id for two persons has the wrong one speak. So tracks are joined only where the faces are
//! clearly the same, and no other face of that moment is nearly as like.

use super::tracked::{TrackedFace, join};

/// The same face after a longer gap is another face (the services' own rule), in µs; with one frame's length more, for a gap begins where
/// the last frame ends.
const GAP_US: i64 = 1_000_000 + 50_000;
/// Least likeness of one person's views after a cut, or at another place. Different people reach 1.71 at most, of all pairs that were
/// measured; the same person seldom stays below 1.75.
const LIKE_AFTER_CUT: f32 = 1.75;
/// Least likeness where nothing else speaks against it: there was no cut, and the face is where it was, as large as it was.
const LIKE_IN_PLACE: f32 = 1.4;
/// By how much a likeness must be above that of any other face which it could be instead.
const AHEAD_OF_RIVALS: f32 = 0.08;

/// Two tracks that may be one face.
struct Pair {
    earlier: usize,
    later: usize,
    likeness: f32,
    is_enough: bool,
}

/// Joins the tracks that are one face. `cuts`: the frames that are the first after a cut, in order.
pub(super) fn link(mut faces: Vec<TrackedFace>, cuts: &[usize]) -> Vec<TrackedFace> {
    faces.retain(|face| !face.points.is_empty());
    faces.sort_by_key(|face| face.points.front().map_or(0, |point| point.frame));
    let mut pairs = pairs(&faces, cuts);
    pairs.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    // What each track goes on as, and what it goes on from.
    let (mut next, mut before) = (vec![None; faces.len()], vec![None; faces.len()]);
    loop {
        let found = pairs.iter().find(|pair| {
            pair.is_enough
                && next[pair.earlier].is_none()
                && before[pair.later].is_none()
                && !pairs.iter().any(|rival| is_rival(rival, pair, &next))
        });
        let Some(pair) = found else { break };
        next[pair.earlier] = Some(pair.later);
        before[pair.later] = Some(pair.earlier);
    }
    joined(faces, &next, &before)
}

/// Every two tracks of which one begins when the other has just ended.
fn pairs(faces: &[TrackedFace], cuts: &[usize]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (earlier, face) in faces.iter().enumerate() {
        for (later, other) in faces.iter().enumerate() {
            let (Some(last), Some(first)) = (face.points.back(), other.points.front()) else { continue };
            if !(1..=GAP_US).contains(&(first.pts_us - last.pts_us)) {
                continue;
            }
            let is_cut = cuts.iter().any(|&cut| last.frame < cut && cut <= first.frame);
            let is_near = (first.pose.cx - last.pose.cx).hypot(first.pose.cy - last.pose.cy)
                < 1.2 * last.pose.size.max(first.pose.size);
            let has_size = (0.6..1.7).contains(&(first.pose.size / last.pose.size));
            let least = if !is_cut && is_near && has_size { LIKE_IN_PLACE } else { LIKE_AFTER_CUT };
            let likeness = face.appearance.likeness(&other.appearance);
            pairs.push(Pair { earlier, later, likeness, is_enough: likeness >= least });
        }
    }
    pairs
}

/// Whether `rival` says that one of the two tracks could as well be somebody else. What is already known to be the same face is no rival.
fn is_rival(rival: &Pair, pair: &Pair, next: &[Option<usize>]) -> bool {
    let as_like = rival.likeness > pair.likeness - AHEAD_OF_RIVALS;
    let same_later = rival.later == pair.later && rival.earlier != pair.earlier;
    let same_earlier = rival.earlier == pair.earlier && rival.later != pair.later;
    as_like
        && ((same_later && !is_one(rival.earlier, pair.earlier, next))
            || (same_earlier && !is_one(rival.later, pair.later, next)))
}

/// Whether one of the two tracks goes on as the other.
fn is_one(a: usize, b: usize, next: &[Option<usize>]) -> bool {
    let leads = |from: usize, to: usize| {
        std::iter::successors(Some(from), |&at| next.get(at).copied().flatten()).any(|at| at == to)
    };
    leads(a, b) || leads(b, a)
}

fn joined(faces: Vec<TrackedFace>, next: &[Option<usize>], before: &[Option<usize>]) -> Vec<TrackedFace> {
    let mut left: Vec<Option<TrackedFace>> = faces.into_iter().map(Some).collect();
    let mut whole = Vec::new();
    for start in (0..left.len()).filter(|&index| before[index].is_none()) {
        let Some(mut face) = left[start].take() else { continue };
        let mut at = start;
        while let Some(later) = next[at] {
            if let Some(mut after) = left[later].take() {
                join(&mut after, face);
                face = after;
            }
            at = later;
        }
        whole.push(face);
    }
    whole
}
