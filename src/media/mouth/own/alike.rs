//! How alike the looks of two lower faces are, and how much like closed lips those of each.

/// The mean difference of two small pictures, 0 to 255.
pub(super) fn mean_apart(a: &[u8], b: &[u8]) -> f32 {
    let sum: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    sum as f32 / a.len().max(1) as f32
}

/// The rows and columns of a look in which the lips are, at rest and in a small opening.
const LIPS: (std::ops::Range<usize>, std::ops::Range<usize>) = (3..9, 4..20);
/// Columns of a look.
const LOOK_COLUMNS: usize = 24;
/// What lips that are not closed differ by from closed ones at least, in steps of brightness.
const UNSHUT: f32 = 6.0;

/// How unlike closed lips those of each face look, 0 as closed ones among themselves or nearly, 1 as most of what is said: what shows between lips may
/// be neither dark nor pale, as teeth in a shadow or in a small picture. `apart` is how far those of each are, as far as that is seen.
pub(super) fn unshut(apart: &[f32], looks: &[&[u8]]) -> Vec<f32> {
    let band = |look: &[u8]| -> Vec<u8> {
        let rows = look.chunks(LOOK_COLUMNS).take(LIPS.0.end).skip(LIPS.0.start);
        rows.flat_map(|row| row.iter().copied().take(LIPS.1.end).skip(LIPS.1.start)).collect()
    };
    let bands: Vec<Vec<u8>> = looks.iter().map(|look| band(look)).collect();
    let mut closed: Vec<usize> = (0..apart.len()).collect();
    closed.sort_by(|&a, &b| apart[a].total_cmp(&apart[b]));
    closed.truncate((apart.len() / 6).max(6));
    let mut unlike = vec![0.0; apart.len()];
    // Most of those that seem to be closed are: the half that are most alike tell of them.
    for _ in 0..2 {
        let mean: Vec<u8> = (0..bands.first().map_or(0, Vec::len))
            .map(|at| {
                let sum: u32 = closed.iter().map(|&index| u32::from(bands[index][at])).sum();
                (sum / closed.len().max(1) as u32) as u8
            })
            .collect();
        unlike = bands.iter().map(|band| mean_apart(band, &mean)).collect();
        closed.sort_by(|&a, &b| unlike[a].total_cmp(&unlike[b]));
        closed.truncate(closed.len().div_ceil(2));
    }
    let near = closed.last().map_or(0.0, |&index| unlike[index]);
    let mut sorted = unlike.clone();
    sorted.sort_by(f32::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let far = (usual - near).max(UNSHUT);
    // Lips that purse are closed too.
    unlike.into_iter().map(|apart| (((apart - near) / far - 0.35) / 0.65).clamp(0.0, 1.0)).collect()
}
