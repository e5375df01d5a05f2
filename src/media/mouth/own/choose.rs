//! The cheapest way through a person's own lower faces: one for each frame of the result.
//!
//! Viterbi's algorithm over what a face costs in a frame and what it costs to show one after another.

/// For each of `count` frames the index of one of `faces`, so that the sum of `cost(frame, face)` and of
/// `change(frame, before, after)` is least. Empty without faces.
#[must_use]
pub fn cheapest(
    count: usize,
    faces: usize,
    cost: impl Fn(usize, usize) -> f32,
    change: impl Fn(usize, usize, usize) -> f32,
) -> Vec<usize> {
    if count == 0 || faces == 0 {
        return Vec::new();
    }
    let mut sums: Vec<f32> = (0..faces).map(|face| cost(0, face)).collect();
    let mut origins = vec![0_u16; count * faces];
    let mut next = vec![0.0; faces];
    for frame in 1..count {
        for after in 0..faces {
            let (mut best, mut from) = (f32::INFINITY, 0);
            for (before, &sum) in sums.iter().enumerate() {
                // Most are out of the question without looking at the change.
                if sum < best {
                    let all = sum + change(frame, before, after);
                    if all < best {
                        (best, from) = (all, before);
                    }
                }
            }
            next[after] = best + cost(frame, after);
            origins[frame * faces + after] = from as u16;
        }
        std::mem::swap(&mut sums, &mut next);
    }
    let mut at = (0..faces).min_by(|&a, &b| sums[a].total_cmp(&sums[b])).unwrap_or(0);
    let mut path = vec![at; count];
    for frame in (1..count).rev() {
        at = usize::from(origins[frame * faces + at]);
        path[frame - 1] = at;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn total(path: &[usize], costs: &[Vec<f32>], change: impl Fn(usize, usize) -> f32) -> f32 {
        let places: f32 = path.iter().enumerate().map(|(frame, &face)| costs[frame][face]).sum();
        places + path.windows(2).map(|pair| change(pair[0], pair[1])).sum::<f32>()
    }

    proptest! {
        #[test]
        fn no_other_way_is_cheaper(costs in proptest::collection::vec(proptest::collection::vec(0.0_f32..4.0, 3), 1..6)) {
            let change = |a: usize, b: usize| if a == b { 0.0 } else { 1.0 + 0.1 * a as f32 };
            let path = cheapest(costs.len(), 3, |frame, face| costs[frame][face], |_, a, b| change(a, b));
            let found = total(&path, &costs, change);
            for code in 0..3_usize.pow(costs.len() as u32) {
                let other: Vec<usize> = (0..costs.len()).map(|frame| code / 3_usize.pow(frame as u32) % 3).collect();
                prop_assert!(found <= total(&other, &costs, change) + 1e-4, "{path:?} {other:?}");
            }
        }
    }

    #[test]
    fn nothing_to_choose_from_is_no_way() {
        assert!(cheapest(5, 0, |_, _| 0.0, |_, _, _| 0.0).is_empty());
        assert!(cheapest(0, 5, |_, _| 0.0, |_, _, _| 0.0).is_empty());
    }
}
