//! The likeliest way of a mouth through the places where it may be in the frames of a clip, by Viterbi's algorithm.

/// What it costs a mouth to move by the first from one frame to the next, in samples, and the most it costs to jump, both as correlations.
const MOVES: (f32, f32, f32) = (6.0, 0.15, 0.45);

/// Where a mouth may be in a frame, in samples from where it is at rest, and how well it fits there less what that is doubted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) across: f32,
    pub(super) down: f32,
    pub(super) fits: f32,
}

/// The likeliest way through where a mouth may be in each frame. Where nothing looks like it, it is between where it was and will be.
pub(super) fn likeliest(found: &[Vec<Place>]) -> Vec<Place> {
    let nowhere = Place { across: 0.0, down: 0.0, fits: 0.0 };
    let seen: Vec<usize> = (0..found.len()).filter(|&index| !found[index].is_empty()).collect();
    let Some((&first, rest)) = seen.split_first() else { return vec![nowhere; found.len()] };
    let costs = |index: usize| found[index].iter().map(|place| -place.fits);
    let mut sums: Vec<f32> = costs(first).collect();
    let mut origins: Vec<Vec<usize>> = Vec::new();
    for (at, &index) in rest.iter().enumerate() {
        let before = &found[seen[at]];
        let frames = (index - seen[at]) as f32;
        let mut from = Vec::with_capacity(found[index].len());
        let mut next = Vec::with_capacity(found[index].len());
        for (place, cost) in found[index].iter().zip(costs(index)) {
            let moves = |other: &Place| {
                let far = (place.across - other.across).hypot(place.down - other.down) / MOVES.0;
                (MOVES.1 * far * far / frames).min(MOVES.2)
            };
            let all = before.iter().zip(&sums).map(|(other, sum)| sum + moves(other)).enumerate();
            let (origin, least) = all.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0));
            from.push(origin);
            next.push(least + cost);
        }
        origins.push(from);
        sums = next;
    }
    let mut at = (0..sums.len()).min_by(|&a, &b| sums[a].total_cmp(&sums[b])).unwrap_or(0);
    let mut way = vec![nowhere; found.len()];
    for (step, &index) in seen.iter().enumerate().rev() {
        way[index] = found[index][at];
        at = step.checked_sub(1).map_or(0, |before| origins[before][at]);
    }
    for index in 0..way.len() {
        if found[index].is_empty() {
            let after = seen.partition_point(|&other| other < index);
            let (before, after) = (after.checked_sub(1).map(|at| seen[at]), seen.get(after).copied());
            let (a, b) = (way[before.or(after).unwrap_or(0)], way[after.or(before).unwrap_or(0)]);
            let part = match (before, after) {
                (Some(before), Some(after)) => (index - before) as f32 / (after - before) as f32,
                _ => 0.0,
            };
            let between = |a: f32, b: f32| a + (b - a) * part;
            way[index] = Place { across: between(a.across, b.across), down: between(a.down, b.down), fits: 0.0 };
        }
    }
    way
}
