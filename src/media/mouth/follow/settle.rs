//! Where the mouth is in each frame, against eyes and nose: a head that nods or turns carries it up, down or aside in the plane of the face.
//!
//! What is looked for is the upper lip with the skin above it, at rest: it stays where it is while the jaw drops. On a head that turns it is
//! narrower and slanted. Of the places where it may be in each frame the likeliest way through all of them is taken: a mouth does not jump.
//! Where it looks too unlike itself at rest, it is followed from one frame to the next.

use super::crop::STEP;
use super::measure::{COLUMNS, Lower, ROWS, place};
use super::way::{Place, likeliest};
use crate::media::mouth::fit::MouthFit;
use crate::media::mouth::motion::smooth;

/// How far a mouth is looked for aside and down, in samples of the lower face.
const REACH: (i32, i32) = (14, 9);
/// From where to where around the line between the lips, in face units: the lip, and with it the nose, where the lip alone is not like itself.
const AROUND: [(f32, f32); 2] = [(-0.085, 0.015), (-0.15, 0.015)];
/// How much a place is doubted for which the nose speaks.
const BY_NOSE: f32 = 0.08;
/// An upper lip that fits as well as this needs no nose.
const SURELY: f32 = 0.65;
/// How much a mouth so many samples away is doubted, as a correlation.
const DOUBT: (f32, f32) = (0.10, 7.0);
/// How much better than where it is at rest a mouth must fit elsewhere: lips that part look a little like some that have moved.
const AT_REST: f32 = 0.05;
/// How much narrower than at rest a mouth may be, and how slanted, and how much either is doubted.
const TURNED: [(f32, f32, f32); 6] =
    [(1.0, 0.0, 0.0), (1.0, -0.13, 0.02), (1.0, 0.13, 0.02), (0.8, 0.0, 0.03), (0.8, -0.13, 0.04), (0.8, 0.13, 0.04)];
/// From about so many frames it is learnt what an upper lip mostly looks like.
const USUAL_FRAMES: usize = 60;
/// How many places are kept of each frame.
const PLACES: usize = 8;
/// A mouth that fits less than this, as a correlation, is nowhere.
const SEEN: f32 = 0.42;
/// How far a mouth is looked for in the next frame, in samples; how well it must fit the one before, and how well to go on with what it was.
const NEXT: i32 = 4;
const LIKE_NEXT: (f32, f32) = (0.6, 0.85);
/// Two ways of following it that end so far apart tell nothing, in samples.
const ASTRAY: f32 = 6.0;
/// For so many frames at most a mouth that is not seen stays where it was, if it is there again.
const STAYS: usize = 12;
/// What moves by less is where it is expected; what moves by the second more has moved wholly. In face units.
const MOVED: (f32, f32) = (0.016, 0.016);
/// What differs by less from the frames beside it is tremble; by the second more, it is motion. In face units.
const TREMBLES: (f32, f32) = (0.008, 0.014);

/// A part of a face at rest.
#[derive(Debug, Clone)]
struct Part {
    /// For each way a head may be turned, where its samples are: columns and rows.
    places: Vec<Vec<(i32, i32)>>,
    /// Brightness and redness.
    values: [Vec<f32>; 2],
}

/// The upper lip: at rest, and as it mostly is.
#[derive(Debug, Clone)]
pub struct UpperLip {
    fit: MouthFit,
    alone: Vec<Part>,
    with_nose: Part,
}

/// Where a mouth is in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settled {
    /// How far from where it is at rest, in face units.
    pub moved: (f32, f32),
    /// How well an upper lip fits there, as a correlation.
    pub fits: f32,
}

impl Part {
    fn of(closed: &[&Lower], fit: &MouthFit, around: (f32, f32)) -> Self {
        let at_rest: Vec<usize> = (0..COLUMNS * ROWS)
            .filter(|at| {
                let (row, column) = (at / COLUMNS, at % COLUMNS);
                let (u, v) = place(*at);
                let s = fit.across(u);
                let y = v - fit.corner_line(u) - fit.sag * (1.0 - s * s).max(0.0);
                s.abs() < 1.25 && (around.0..around.1).contains(&y) && (row + column) % 2 == 0
            })
            .collect();
        let middle = (fit.u - place(0).0) / STEP;
        let turned = |&(width, slant, _): &(f32, f32, f32)| -> Vec<(i32, i32)> {
            let turn = |&at: &usize| {
                let (column, row) = ((at % COLUMNS) as f32, (at / COLUMNS) as f32);
                let aside = column - middle;
                ((middle + width * aside).round() as i32, (row + slant * aside).round() as i32)
            };
            at_rest.iter().map(turn).collect()
        };
        let mean = |plane: fn(&Lower) -> &Vec<u8>| -> Vec<f32> {
            let sum = |&at: &usize| closed.iter().map(|lower| f32::from(plane(lower)[at])).sum::<f32>();
            at_rest.iter().map(|at| sum(at) / closed.len().max(1) as f32).collect()
        };
        let values = [mean(|lower| &lower.luma), mean(|lower| &lower.red)];
        Self { places: TURNED.iter().map(turned).collect(), values }
    }

    /// How well it fits so many samples aside and below, as a correlation, however the head is turned.
    fn fits(&self, lower: &Lower, shift: (i32, i32)) -> f32 {
        let turned = self.places.iter().zip(&TURNED);
        let fits = turned.map(|(places, (_, _, doubt))| correlation(lower, places, &self.values, shift) - doubt);
        fits.fold(f32::NEG_INFINITY, f32::max)
    }

    /// What is seen of it so many samples aside and below.
    fn seen(&self, lower: &Lower, (across, down): (i32, i32)) -> [Vec<f32>; 2] {
        [&lower.luma, &lower.red].map(|plane| {
            let value = |&(column, row): &(i32, i32)| {
                let column = (column + across).clamp(0, COLUMNS as i32 - 1) as usize;
                let row = (row + down).clamp(0, ROWS as i32 - 1) as usize;
                f32::from(plane[row * COLUMNS + column])
            };
            self.places[0].iter().map(value).collect()
        })
    }
}

impl UpperLip {
    /// Learnt from lower faces whose mouths are closed.
    #[must_use]
    pub fn of(closed: &[&Lower], fit: &MouthFit) -> Self {
        let [alone, with_nose] = AROUND.map(|around| Part::of(closed, fit, around));
        Self { fit: *fit, alone: vec![alone], with_nose }
    }

    /// Learns what it mostly looks like from frames in which it was found: who is silent may press the lips, and nobody does in speech.
    /// `lowers` are the lower faces with their mouths where they are at rest.
    pub fn learn(&mut self, lowers: &[Lower], settled: &[Settled]) {
        let mut fits: Vec<f32> = settled.iter().map(|place| place.fits).filter(|&fits| fits > SEEN).collect();
        fits.sort_by(f32::total_cmp);
        let Some(&middle) = fits.get(fits.len() / 2) else { return };
        let found = lowers.iter().zip(settled).filter(|(_, place)| place.fits >= middle).map(|(lower, _)| lower);
        let found: Vec<&Lower> = found.step_by((fits.len() / 2).div_ceil(USUAL_FRAMES).max(1)).collect();
        self.alone.truncate(1);
        self.alone.push(Part::of(&found, &self.fit, AROUND[0]));
    }

    /// For each of the lower faces of frames in a row, where its mouth is.
    #[must_use]
    pub fn settled(&self, lowers: &[Lower]) -> Vec<Settled> {
        let found: Vec<Vec<Place>> = lowers.iter().map(|lower| self.found(lower)).collect();
        let mut way = likeliest(&found);
        let seen: Vec<bool> = found.iter().map(|places| !places.is_empty()).collect();
        self.bridge(lowers, &seen, &mut way);
        let beside = |index: usize| {
            let near = |at: usize| way[at.min(way.len() - 1)];
            let around = [(index.saturating_sub(2), 1.0), (index.saturating_sub(1), 2.0), (index, 3.0)];
            let around = around.into_iter().chain([(index + 1, 2.0), (index + 2, 1.0)]);
            around.fold((0.0, 0.0), |(u, v), (at, weight)| {
                (u + near(at).across * weight / 9.0, v + near(at).down * weight / 9.0)
            })
        };
        (0..way.len())
            .map(|index| {
                let (u, v) = beside(index);
                let (off_u, off_v) = (way[index].across - u, way[index].down - v);
                let motion = smooth((off_u.hypot(off_v) * STEP - TREMBLES.0) / TREMBLES.1);
                let (u, v) = ((u + off_u * motion) * STEP, (v + off_v * motion) * STEP);
                let moved = smooth((u.hypot(v) - MOVED.0) / MOVED.1);
                Settled { moved: (u * moved, v * moved), fits: way[index].fits }
            })
            .collect()
    }

    /// Where the mouth of one lower face may be: where it is at rest, and the best of what is around. None where nothing looks like it.
    fn found(&self, lower: &Lower) -> Vec<Place> {
        let most = |shift| self.alone.iter().map(|part| part.fits(lower, shift)).fold(f32::NEG_INFINITY, f32::max);
        let alone = places(&most);
        if alone.iter().any(|place| place.fits > SURELY) {
            return alone;
        }
        places(&|shift| most(shift).max(self.with_nose.fits(lower, shift) - BY_NOSE))
    }

    /// Follows a mouth through frames in which it is not like itself at rest, from those on either side.
    fn bridge(&self, lowers: &[Lower], seen: &[bool], way: &mut [Place]) {
        let mut first = 0;
        while first < seen.len() {
            let count = seen[first..].iter().take_while(|seen| !**seen).count();
            let run = first..first + count;
            first += count.max(1);
            if run.is_empty() {
                continue;
            }
            let forwards = run.start.checked_sub(1).map(|from| self.followed(lowers, way[from], from, run.clone()));
            let back = Some(run.end).filter(|&from| from < seen.len());
            let back = back.map(|from| self.followed(lowers, way[from], from, run.clone().rev()));
            // A mouth that is in the same place before and after is there meanwhile.
            let (before, after) = (run.start.checked_sub(1).map(|at| way[at]), way.get(run.end).copied());
            let stays = before.zip(after).is_some_and(|(a, b)| {
                (a.across - b.across).hypot(a.down - b.down) < 0.5 * ASTRAY && run.len() <= STAYS
            });
            for index in run.clone() {
                let ahead = forwards.as_ref().and_then(|places| places.get(index - run.start));
                let behind = back.as_ref().and_then(|places| places.get(run.end - 1 - index));
                way[index] = match (ahead, behind) {
                    (Some(a), Some(b)) => {
                        let part = (index - run.start + 1) as f32 / (count + 1) as f32;
                        let between = |a: f32, b: f32| a + (b - a) * part;
                        let astray = (a.across - b.across).hypot(a.down - b.down) / ASTRAY;
                        let fits = a.fits.min(b.fits) * (1.0 - astray).max(0.0);
                        Place { across: between(a.across, b.across), down: between(a.down, b.down), fits }
                    }
                    (Some(one), None) | (None, Some(one)) if !stays => *one,
                    _ => way[index],
                };
                if stays {
                    way[index].fits = way[index].fits.max(SEEN);
                }
            }
        }
    }

    /// Follows a mouth from a frame in which it is at a place through others, as far as it is like itself in the one before.
    fn followed(
        &self,
        lowers: &[Lower],
        from: Place,
        index: usize,
        through: impl Iterator<Item = usize>,
    ) -> Vec<Place> {
        let rounded = |place: &Place| (place.across.round() as i32, place.down.round() as i32);
        let part = &self.with_nose;
        let mut expected = part.seen(&lowers[index], rounded(&from));
        let (mut at, mut followed) = (from, Vec::new());
        for index in through {
            let (across, down) = rounded(&at);
            let mut best = Place { fits: f32::NEG_INFINITY, ..at };
            for (near_across, near_down) in
                (-NEXT..=NEXT).flat_map(|down| (-NEXT..=NEXT).map(move |across| (across, down)))
            {
                let (across, down) = (across + near_across, down + near_down);
                let fits = correlation(&lowers[index], &part.places[0], &expected, (across, down));
                if fits > best.fits {
                    best = Place { across: across as f32, down: down as f32, fits };
                }
            }
            let inside = best.across.abs() <= 1.5 * REACH.0 as f32 && best.down.abs() <= 1.5 * REACH.1 as f32;
            if best.fits < LIKE_NEXT.0 || !inside {
                break;
            }
            if best.fits < LIKE_NEXT.1 {
                expected = part.seen(&lowers[index], rounded(&best));
            }
            at = best;
            followed.push(best);
        }
        followed
    }
}

/// The best places of a part of a face that fits so well so many samples aside and below. None where nothing looks like it.
fn places(part: &dyn Fn((i32, i32)) -> f32) -> Vec<Place> {
    let (wide, high) = (2 * REACH.0 + 1, 2 * REACH.1 + 1);
    let mut fits = vec![f32::NEG_INFINITY; (wide * high) as usize];
    let at = |across: i32, down: i32| ((down + REACH.1) * wide + across + REACH.0) as usize;
    let doubted =
        |across: i32, down: i32| DOUBT.0 * (((across * across + down * down) as f32).sqrt() / DOUBT.1).powf(1.5);
    let look = |across: i32, down: i32, fits: &mut Vec<f32>| {
        if across.abs() <= REACH.0 && down.abs() <= REACH.1 && fits[at(across, down)] == f32::NEG_INFINITY {
            fits[at(across, down)] = part((across, down)) - doubted(across, down);
        }
    };
    for down in (-REACH.1..=REACH.1).step_by(2) {
        for across in (-REACH.0..=REACH.0).step_by(2) {
            look(across, down, &mut fits);
        }
    }
    look(0, 0, &mut fits);
    let mut places = Vec::new();
    let mut coarse: Vec<(f32, i32, i32)> = (-REACH.1..=REACH.1)
        .flat_map(|down| (-REACH.0..=REACH.0).map(move |across| (across, down)))
        .map(|(across, down)| (fits[at(across, down)], across, down))
        .filter(|(fits, ..)| *fits > SEEN - 0.1)
        .collect();
    coarse.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, across, down) in coarse {
        let apart = |place: &Place| (place.across - across as f32).hypot(place.down - down as f32);
        if places.len() >= PLACES || places.iter().any(|place| apart(place) < 2.5) {
            continue;
        }
        let mut best = (across, down);
        for near_down in -1..=1 {
            for near_across in -1..=1 {
                let (across, down) = (across + near_across, down + near_down);
                look(across, down, &mut fits);
                let inside = across.abs() <= REACH.0 && down.abs() <= REACH.1;
                if inside && fits[at(across, down)] > fits[at(best.0, best.1)] {
                    best = (across, down);
                }
            }
        }
        let (across, down) = best;
        let known = |across: i32, down: i32| {
            let inside = across.abs() <= REACH.0 && down.abs() <= REACH.1;
            Some(inside).filter(|inside| *inside).map(|_| fits[at(across, down)]).filter(|fits| fits.is_finite())
        };
        let here = fits[at(across, down)];
        let top = |before: Option<f32>, after: Option<f32>| match (before, after) {
            (Some(before), Some(after)) if before + after - 2.0 * here < -1e-4 => {
                (0.5 * (before - after) / (before + after - 2.0 * here)).clamp(-0.5, 0.5)
            }
            _ => 0.0,
        };
        places.push(Place {
            across: across as f32 + top(known(across - 1, down), known(across + 1, down)),
            down: down as f32 + top(known(across, down - 1), known(across, down + 1)),
            fits: here,
        });
    }
    // At the end of the reach something else begins to look like it.
    let inside = |place: &Place| place.across.abs() < REACH.0 as f32 - 0.5 && place.down.abs() < REACH.1 as f32 - 0.5;
    places.retain(|place| place.fits > SEEN && inside(place));
    let rest = fits[at(0, 0)];
    if rest > SEEN {
        places.push(Place { across: 0.0, down: 0.0, fits: rest + AT_REST });
    }
    places
}

/// How well what is expected fits so many samples aside and below, as a correlation.
fn correlation(lower: &Lower, places: &[(i32, i32)], expected: &[Vec<f32>; 2], (across, down): (i32, i32)) -> f32 {
    let mut sum = 0.0;
    let (mut count, mut sums) = (0.0_f32, [[0.0_f32; 5]; 2]);
    for (&(column, row), (&luma, &red)) in places.iter().zip(expected[0].iter().zip(&expected[1])) {
        // Beside the lower face nothing is known: what of a lip is there does not count.
        let (column, row) = ((column + across) as usize, (row + down) as usize);
        if column >= COLUMNS || row >= ROWS {
            continue;
        }
        let place = row * COLUMNS + column;
        count += 1.0;
        for (sums, (plane, expected)) in sums.iter_mut().zip([(&lower.luma, luma), (&lower.red, red)]) {
            let value = f32::from(plane[place]);
            sums[0] += value;
            sums[1] += value * value;
            sums[2] += expected;
            sums[3] += expected * expected;
            sums[4] += value * expected;
        }
    }
    if count < 0.6 * places.len() as f32 {
        return -1.0;
    }
    for [value, squares, expected, expected_squares, product] in sums.map(|sums| sums.map(|sum| sum / count)) {
        // A plane without any detail says nothing.
        let deviation = (squares - value * value).max(4.0) * (expected_squares - expected * expected).max(4.0);
        sum += (product - value * expected) / deviation.sqrt();
    }
    0.5 * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::mouth::fit::USUAL;

    /// A lower face whose mouth is so many samples aside and below, and whose jaw has dropped by so many.
    fn lower(across: i32, down: i32, open: i32) -> Lower {
        let (mut luma, mut red) = (vec![150; COLUMNS * ROWS], vec![140; COLUMNS * ROWS]);
        for at in 0..COLUMNS * ROWS {
            let (u, v) = place(at);
            let (u, v) = (u - across as f32 * STEP, v - down as f32 * STEP);
            let (s, y) = (USUAL.across(u).abs(), v - USUAL.v);
            let below = y - open as f32 * STEP;
            if s < 1.0 && (-0.04 * (1.0 - s * s)..0.0).contains(&y) || s < 0.9 && (0.0..0.05).contains(&below) {
                (luma[at], red[at]) = (120, 158);
            } else if s < 0.9 && y >= 0.0 && below < 0.0 {
                (luma[at], red[at]) = (40, 132);
            }
        }
        Lower { luma, red }
    }

    fn settled(lowers: &[Lower]) -> (f32, f32) {
        let closed = lower(0, 0, 0);
        let lip = UpperLip::of(&[&closed], &USUAL);
        let (across, down) = lip.settled(lowers)[lowers.len() / 2].moved;
        (across / STEP, down / STEP)
    }

    #[test]
    fn a_mouth_is_found_where_a_nod_carries_it() {
        let (across, down) = settled(&vec![lower(-2, 5, 0); 9]);
        assert!((across + 2.0).abs() < 0.6 && (down - 5.0).abs() < 0.6, "{across} aside, {down} below");
        // Open, it is there too, to a sample.
        let (across, down) = settled(&vec![lower(1, -4, 6); 9]);
        assert!((across - 1.0).abs() < 1.2 && (down + 4.0).abs() < 1.2, "{across} aside, {down} below");
    }

    #[test]
    fn a_mouth_is_found_where_a_head_that_turns_at_once_carries_it() {
        // As far as a head turns within a frame or two, and further than eyes and nose tell.
        let row: Vec<Lower> = [0, 0, 0, 4, 9, 13, 13, 13, 13].map(|across| lower(across, 0, 0)).to_vec();
        let (across, down) = settled(&row);
        assert!((across - 9.0).abs() < 1.2 && down.abs() < 0.6, "{across} aside, {down} below");
        let up: Vec<Lower> = [0, 0, 0, -3, -6, -6, -3, 0, 0].map(|down| lower(0, down, 0)).to_vec();
        let (across, down) = settled(&up);
        assert!(across.abs() < 0.6 && (down + 6.0).abs() < 1.2, "{across} aside, {down} below");
    }

    #[test]
    fn a_mouth_that_is_not_seen_is_between_where_it_was_and_will_be() {
        let closed = lower(0, 0, 0);
        let flat = Lower { luma: vec![120; COLUMNS * ROWS], red: vec![128; COLUMNS * ROWS] };
        let mut row = vec![lower(-6, 0, 0); 9];
        row[4] = flat.clone();
        let lip = UpperLip::of(&[&closed], &USUAL);
        let all = lip.settled(&row);
        assert!((all[4].moved.0 / STEP + 6.0).abs() < 1.2, "{:?}", all[4]);
        assert!(all[4].fits < 0.5 && all[3].fits > 0.7, "it is there before and after: {all:?}");
        let mut lost = vec![lower(-6, 0, 0); 9];
        lost[3..6].fill(flat.clone());
        lost[6..].fill(lower(6, 0, 0));
        let all = lip.settled(&lost);
        assert!(all[4].fits < 0.1 && all[8].fits > 0.7, "where it went is not known: {all:?}");
        assert_eq!(settled(&vec![flat; 9]), (0.0, 0.0));
    }

    #[test]
    fn a_jaw_that_drops_and_a_frame_that_is_mistaken_carry_it_nowhere() {
        let (across, down) = settled(&vec![lower(0, 0, 8); 9]);
        assert!(across.abs() < 0.2 && down.abs() < 0.2, "{across} aside, {down} below");
        // Half a mouth seems to be elsewhere for a frame.
        let mut row = vec![lower(0, 0, 0); 9];
        let elsewhere = lower(3, 6, 0);
        for at in (0..COLUMNS * ROWS).filter(|at| at % COLUMNS < COLUMNS / 2) {
            (row[4].luma[at], row[4].red[at]) = (elsewhere.luma[at], elsewhere.red[at]);
        }
        let (across, down) = settled(&row);
        assert!(across.abs() < 0.2 && down.abs() < 0.2, "{across} aside, {down} below");
    }
}
