//! From high dynamic range and wide colours to what every player and service shows: BT.709 in standard range.
//!
//! HLG and PQ are turned into light (ITU-R BT.2100), the light into BT.709's primaries, and its brightest part is compressed by the
//! curve of ITU-R BT.2390 so that 1000 cd/m² become white, where white paper at 203 cd/m² (ITU-R BT.2408) stays just below it and what is darker
//! than half of that stays as it is. This is tabulated once for each kind of source; a picture is looked up in the table.

use std::sync::OnceLock;

/// What the samples of a source mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::media) enum Light {
    /// Hybrid log-gamma: what phones record.
    Hlg,
    /// Perceptual quantizer.
    Pq,
    /// Standard range in the wide colours of BT.2020.
    Wide,
}

impl Light {
    /// What these tags of H.273 mean; `None` for usual colours in standard range.
    pub(in crate::media) const fn of((primaries, transfer, matrix): (u8, u8, u8)) -> Option<Self> {
        match (primaries, transfer, matrix) {
            (_, 18, _) => Some(Self::Hlg),
            (_, 16, _) => Some(Self::Pq),
            (9, _, 9) => Some(Self::Wide),
            _ => None,
        }
    }

    /// How it is called, where it is of high dynamic range.
    pub(in crate::media) const fn hdr_name(self) -> Option<&'static str> {
        match self {
            Self::Hlg => Some("HLG"),
            Self::Pq => Some("PQ"),
            Self::Wide => None,
        }
    }
}

/// Nodes of the table along luma, and along each chroma.
const LUMA_NODES: usize = 65;
const CHROMA_NODES: usize = 33;
/// 10 bit steps between them, as powers of two.
const LUMA_STEP: u32 = 4;
const CHROMA_STEP: u32 = 5;
/// Bits behind the point of a node's values.
const FRACTION: u32 = 6;
/// Light in cd/m² that becomes white, and that of white paper.
const PEAK: f32 = 1_000.0;
const PAPER: f32 = 203.0;
/// Weights of red and blue in the luma of BT.2020, and of BT.709.
const WIDE_LUMA: (f32, f32) = (0.2627, 0.0593);
const USUAL_LUMA: (f32, f32) = (0.2126, 0.0722);
/// The exponent of a display in standard range (ITU-R BT.1886).
const DISPLAY: f32 = 2.4;

/// The table of one kind of source.
pub(in crate::media) struct ToneMap {
    /// By red difference, blue difference and luma, the luma in neighbouring places: what comes out, times 2 to the [`FRACTION`].
    nodes: Vec<[i16; 3]>,
}

impl ToneMap {
    /// The table for a source; computed at its first use.
    pub(in crate::media) fn of(light: Light, full_range: bool) -> &'static Self {
        static TABLES: [OnceLock<ToneMap>; 6] = [const { OnceLock::new() }; 6];
        let at = light as usize * 2 + usize::from(full_range);
        TABLES[at].get_or_init(|| Self::new(light, full_range))
    }

    fn new(light: Light, full_range: bool) -> Self {
        let mut nodes = Vec::with_capacity(LUMA_NODES * CHROMA_NODES * CHROMA_NODES);
        for v in 0..CHROMA_NODES {
            for u in 0..CHROMA_NODES {
                for y in 0..LUMA_NODES {
                    let code = [(y << LUMA_STEP) as f32, (u << CHROMA_STEP) as f32, (v << CHROMA_STEP) as f32];
                    let out = mapped(code, light, full_range);
                    nodes.push(out.map(|value| (value * (1 << FRACTION) as f32).round() as i16));
                }
            }
        }
        Self { nodes }
    }

    /// A picture of 10 bit, 4:2:0 with even sides, in 8 bit.
    pub(in crate::media) fn map(
        &self,
        (y, u, v): (&[u16], &[u16], &[u16]),
        width: usize,
    ) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let half = width / 2;
        let (mut out_y, mut out_u, mut out_v) = (vec![0; y.len()], vec![0; u.len()], vec![0; v.len()]);
        let rows = y.chunks_exact(width * 2).zip(u.chunks_exact(half).zip(v.chunks_exact(half)));
        let out_rows =
            out_y.chunks_exact_mut(width * 2).zip(out_u.chunks_exact_mut(half).zip(out_v.chunks_exact_mut(half)));
        for ((y, (u, v)), (out_y, (out_u, out_v))) in rows.zip(out_rows) {
            let (upper, lower) = y.split_at(width);
            let (out_upper, out_lower) = out_y.split_at_mut(width);
            let upper = upper.as_chunks::<2>().0.iter().zip(out_upper.as_chunks_mut::<2>().0);
            let lower = lower.as_chunks::<2>().0.iter().zip(out_lower.as_chunks_mut::<2>().0);
            let chroma = u.iter().zip(v).zip(out_u.iter_mut().zip(out_v));
            for (((upper, out_upper), (lower, out_lower)), ((u, v), (out_u, out_v))) in upper.zip(lower).zip(chroma) {
                let column = Column::new(&self.nodes, *u, *v);
                // Most often all four are between the same two nodes.
                let mut cell = usize::MAX;
                let mut ends = [[0; 3]; 2];
                let mut luma = |sample: u16| {
                    let sample = usize::from(sample.min(1023));
                    let at = sample >> LUMA_STEP;
                    if at != cell {
                        cell = at;
                        ends = [column.at(at), column.at(at + 1)];
                    }
                    between(ends[0][0], ends[1][0], sample as i32 & ((1 << LUMA_STEP) - 1))
                };
                *out_upper = upper.map(&mut luma);
                *out_lower = lower.map(&mut luma);
                let mean =
                    (u32::from(upper[0]) + u32::from(upper[1]) + u32::from(lower[0]) + u32::from(lower[1]) + 2) / 4;
                let mean = mean.min(1023) as usize;
                let at = mean >> LUMA_STEP;
                if at != cell {
                    ends = [column.at(at), column.at(at + 1)];
                }
                let part = mean as i32 & ((1 << LUMA_STEP) - 1);
                *out_u = between(ends[0][1], ends[1][1], part);
                *out_v = between(ends[0][2], ends[1][2], part);
            }
        }
        (out_y, out_u, out_v)
    }
}

/// The four columns of nodes around one chroma, and their weights.
struct Column<'a> {
    nodes: [&'a [[i16; 3]]; 4],
    weights: [i32; 4],
}

impl<'a> Column<'a> {
    fn new(nodes: &'a [[i16; 3]], u: u16, v: u16) -> Self {
        let split = |sample: u16| {
            let sample = usize::from(sample.min(1023));
            (sample >> CHROMA_STEP, sample as i32 & ((1 << CHROMA_STEP) - 1))
        };
        let ((u, across), (v, down)) = (split(u), split(v));
        let whole = 1 << CHROMA_STEP;
        let column = |u: usize, v: usize| {
            let from = (v * CHROMA_NODES + u) * LUMA_NODES;
            nodes.get(from..from + LUMA_NODES).unwrap_or_default()
        };
        Self {
            nodes: [column(u, v), column(u + 1, v), column(u, v + 1), column(u + 1, v + 1)],
            weights: [
                (whole - across) * (whole - down),
                across * (whole - down),
                (whole - across) * down,
                across * down,
            ],
        }
    }

    /// The values at a luma node, times the whole weight.
    fn at(&self, node: usize) -> [i32; 3] {
        let mut sum = [0; 3];
        for (column, weight) in self.nodes.iter().zip(self.weights) {
            let values = column.get(node).copied().unwrap_or_default();
            for (sum, value) in sum.iter_mut().zip(values) {
                *sum += weight * i32::from(value);
            }
        }
        sum
    }
}

/// Between the values of two luma nodes, rounded to 8 bit.
fn between(from: i32, to: i32, part: i32) -> u8 {
    const SHIFT: u32 = FRACTION + 2 * CHROMA_STEP + LUMA_STEP;
    let sum = from * ((1 << LUMA_STEP) - part) + to * part;
    ((sum + (1 << (SHIFT - 1))) >> SHIFT).clamp(0, 255) as u8
}

/// One colour: from 10 bit codes to 8 bit codes of BT.709.
fn mapped([y, u, v]: [f32; 3], light: Light, full_range: bool) -> [f32; 3] {
    let (luma, blue, red) = if full_range {
        (y / 1023.0, (u - 512.0) / 1023.0, (v - 512.0) / 1023.0)
    } else {
        ((y - 64.0) / 876.0, (u - 512.0) / 896.0, (v - 512.0) / 896.0)
    };
    let signal = to_rgb([luma, blue, red], WIDE_LUMA).map(|s| s.clamp(0.0, 1.0));
    let usual = to_usual_primaries(to_light(signal, light)).map(|s| s.max(0.0));
    let brightest = usual[0].max(usual[1]).max(usual[2]);
    let gain = if light == Light::Wide || brightest <= 0.0 { 1.0 } else { compressed(brightest) / brightest };
    let [r, g, b] = usual.map(|s| (s * gain).clamp(0.0, 1.0).powf(1.0 / DISPLAY));
    let (kr, kb) = USUAL_LUMA;
    let luma = kr * r + (1.0 - kr - kb) * g + kb * b;
    let (blue, red) = ((b - luma) / (2.0 * (1.0 - kb)), (r - luma) / (2.0 * (1.0 - kr)));
    [16.0 + 219.0 * luma, 128.0 + 224.0 * blue, 128.0 + 224.0 * red]
}

fn to_rgb([luma, blue, red]: [f32; 3], (kr, kb): (f32, f32)) -> [f32; 3] {
    let (r, b) = (luma + 2.0 * (1.0 - kr) * red, luma + 2.0 * (1.0 - kb) * blue);
    [r, (luma - kr * r - kb * b) / (1.0 - kr - kb), b]
}

/// The signal as light: 1 is white paper, or white in standard range.
fn to_light(signal: [f32; 3], light: Light) -> [f32; 3] {
    match light {
        Light::Wide => signal.map(|s| s.powf(DISPLAY)),
        Light::Pq => signal.map(|s| pq_to_light(s).min(PEAK) / PAPER),
        Light::Hlg => {
            let scene = signal.map(|s| {
                if s <= 0.5 { s * s / 3.0 } else { (((s - 0.559_910_7) / 0.178_832_77).exp() + 0.284_668_92) / 12.0 }
            });
            let (kr, kb) = WIDE_LUMA;
            let luma = kr * scene[0] + (1.0 - kr - kb) * scene[1] + kb * scene[2];
            // The display of 1000 cd/m² that HLG is meant for.
            scene.map(|s| s * luma.powf(0.2) * PEAK / PAPER)
        }
    }
}

/// The inverse of the matrix of BT.709's primaries in those of BT.2020 (ITU-R BT.2087).
fn to_usual_primaries([r, g, b]: [f32; 3]) -> [f32; 3] {
    [
        1.660_491 * r - 0.587_641 * g - 0.072_850 * b,
        -0.124_550 * r + 1.132_9 * g - 0.008_349 * b,
        -0.018_151 * r - 0.100_579 * g + 1.118_73 * b,
    ]
}

/// Light above half of white paper, compressed: from [`PEAK`] to 1.
fn compressed(light: f32) -> f32 {
    let peak = light_to_pq(PEAK);
    let (signal, most) = (light_to_pq(light * PAPER) / peak, light_to_pq(PAPER) / peak);
    let knee = 1.5 * most - 0.5;
    if signal <= knee {
        return light;
    }
    let t = ((signal - knee) / (1.0 - knee)).min(1.0);
    let (t2, t3) = (t * t, t * t * t);
    let out = (2.0 * t3 - 3.0 * t2 + 1.0) * knee + (t3 - 2.0 * t2 + t) * (1.0 - knee) + (3.0 * t2 - 2.0 * t3) * most;
    pq_to_light(out * peak) / PAPER
}

/// The constants of PQ (SMPTE ST 2084).
const PQ: [f32; 5] = [0.159_301_76, 78.843_75, 0.835_937_5, 18.851_563, 18.6875];

fn light_to_pq(nits: f32) -> f32 {
    let [m1, m2, c1, c2, c3] = PQ;
    let power = (nits.max(0.0) / 10_000.0).powf(m1);
    ((c1 + c2 * power) / (1.0 + c3 * power)).powf(m2)
}

fn pq_to_light(signal: f32) -> f32 {
    let [m1, m2, c1, c2, c3] = PQ;
    let power = signal.max(0.0).powf(1.0 / m2);
    ((power - c1).max(0.0) / (c2 - c3 * power)).powf(1.0 / m1) * 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(light: Light, code: u16) -> [u8; 3] {
        let (y, u, v) = ToneMap::of(light, false).map((&[code; 4], &[512], &[512]), 2);
        assert!(y.iter().all(|s| *s == y[0]));
        [y[0], u[0], v[0]]
    }

    #[test]
    fn black_stays_black_the_peak_is_white_and_paper_just_below_it() {
        for light in [Light::Hlg, Light::Pq, Light::Wide] {
            assert_eq!(gray(light, 64), [16, 128, 128], "{light:?}");
        }
        for light in [Light::Hlg, Light::Wide] {
            let [peak, blue, red] = gray(light, 940);
            assert!((234..=235).contains(&peak) && (blue, red) == (128, 128), "{light:?}: {peak} {blue} {red}");
        }
        // White paper: 75 % of HLG, 58 % of PQ.
        for (light, code) in [(Light::Hlg, 721), (Light::Pq, 573)] {
            let [luma, ..] = gray(light, code);
            assert!((208..=218).contains(&luma), "{light:?}: {luma}");
        }
    }

    #[test]
    fn brighter_is_never_darker_and_grey_never_coloured() {
        for light in [Light::Hlg, Light::Pq, Light::Wide] {
            let mut last = 0;
            for code in 64..=940 {
                let [luma, blue, red] = gray(light, code);
                assert!(luma >= last && blue == 128 && red == 128, "{light:?} {code}: {luma} {blue} {red}");
                last = luma;
            }
        }
    }

    #[test]
    fn the_table_is_as_exact_as_eight_bit_ask_for() {
        // Skin, foliage, sky.
        for code in [[560, 470, 580], [420, 440, 480], [640, 590, 450]] {
            for light in [Light::Hlg, Light::Pq, Light::Wide] {
                let exact = mapped(code.map(|c| c as f32), light, false);
                let [y, u, v] = code.map(|c: u16| c);
                let (y, u, v) = ToneMap::of(light, false).map((&[y; 4], &[u], &[v]), 2);
                for (got, exact) in [y[0], u[0], v[0]].into_iter().zip(exact) {
                    // PQ is steep in the dark.
                    let most = if light == Light::Pq { 3.0 } else { 1.5 };
                    assert!((f32::from(got) - exact).abs() < most, "{light:?} {code:?}: {got} for {exact}");
                }
            }
        }
    }

    #[test]
    fn tags_tell_what_is_mapped() {
        assert_eq!(Light::of((9, 18, 9)), Some(Light::Hlg));
        assert_eq!(Light::of((9, 16, 9)), Some(Light::Pq));
        assert_eq!(Light::of((9, 14, 9)), Some(Light::Wide));
        assert_eq!(Light::of((1, 1, 1)), None);
        assert_eq!(Light::of((2, 2, 2)), None);
    }
}
