//! A small grey picture, and the pyramid of smaller ones that tracking works on.

/// A grey picture, rows without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Luma {
    /// Width in px.
    pub width_px: usize,
    /// Height in px.
    pub height_px: usize,
    /// One byte a pixel, row after row.
    pub data: Vec<u8>,
}

impl Luma {
    /// The mean of each `factor × factor` block of a plane. What does not fill a block at the right or
    /// lower edge is left out.
    #[must_use]
    pub fn shrink(plane: &[u8], width_px: usize, height_px: usize, factor: usize) -> Self {
        let factor = factor.max(1);
        let (width_out, height_out) = (width_px / factor, height_px / factor);
        if factor == 2 {
            return Self {
                width_px: width_out,
                height_px: height_out,
                data: halve(plane, width_px, width_out, height_out),
            };
        }
        let mut data = Vec::with_capacity(width_out * height_out);
        let area = (factor * factor) as u32;
        // A multiplication instead of a division a pixel.
        let (half, inverse) = (area / 2, (1_u32 << 16).div_ceil(area));
        let mut columns = vec![0_u16; width_px];
        for rows in plane.chunks(width_px.max(1) * factor).take(height_out) {
            columns.fill(0);
            for row in rows.chunks(width_px.max(1)) {
                for (sum, &value) in columns.iter_mut().zip(row) {
                    *sum += u16::from(value);
                }
            }
            let mean = |sum: u32| (((sum + half) * inverse) >> 16).min(255) as u8;
            match factor {
                1 => data.extend(columns[..width_out].iter().map(|&sum| sum as u8)),
                // Spelled out, as its loop then has a fixed length: 1080p takes this way.
                3 => data
                    .extend(columns.chunks_exact(3).map(|c| mean(u32::from(c[0]) + u32::from(c[1]) + u32::from(c[2])))),
                _ => data.extend(
                    columns.chunks_exact(factor).map(|block| mean(block.iter().map(|&sum| u32::from(sum)).sum())),
                ),
            }
        }
        Self { width_px: width_out, height_px: height_out, data }
    }

    /// The picture at half the size.
    #[must_use]
    pub fn halved(&self) -> Self {
        Self::shrink(&self.data, self.width_px, self.height_px, 2)
    }

    /// Paints the middle of a face's box grey, so that no face is seen there.
    pub fn blank(&mut self, pose: &super::pose::Pose) {
        let range = |centre: f32, limit: usize| {
            let first = (centre - 0.45 * pose.size).max(0.0) as usize;
            first.min(limit)..((centre + 0.45 * pose.size).max(0.0) as usize).min(limit)
        };
        let columns = range(pose.cx, self.width_px);
        for row in range(pose.cy, self.height_px) {
            if let Some(line) = self.data.get_mut(row * self.width_px..(row + 1) * self.width_px) {
                line[columns.clone()].fill(128);
            }
        }
    }

    /// The value at a place between pixels; beyond the edge the edge's own.
    #[must_use]
    #[inline]
    pub fn sample(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width_px.max(2) - 2) as f32 + 0.999);
        let y = y.clamp(0.0, (self.height_px.max(2) - 2) as f32 + 0.999);
        let (column, row) = (x as usize, y as usize);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let at = row * self.width_px + column;
        let Some([a, b]) = self.data.get(at..at + 2).and_then(|pair| <&[u8; 2]>::try_from(pair).ok()) else {
            return 0.0;
        };
        let below = at + self.width_px;
        let Some([c, d]) = self.data.get(below..below + 2).and_then(|pair| <&[u8; 2]>::try_from(pair).ok()) else {
            return f32::from(*a);
        };
        let mix = |left: u8, right: u8| f32::from(left) + (f32::from(right) - f32::from(left)) * fx;
        let (upper, lower) = (mix(*a, *b), mix(*c, *d));
        upper + (lower - upper) * fy
    }
}

/// Every four pixels as one: the way of each 720p frame, and of each level after the first.
fn halve(plane: &[u8], width_px: usize, width_out: usize, height_out: usize) -> Vec<u8> {
    let mut data = vec![0; width_out * height_out];
    for (line, rows) in data.chunks_exact_mut(width_out.max(1)).zip(plane.chunks_exact(width_px.max(1) * 2)) {
        let (upper, lower) = rows.split_at(width_px);
        for ((out, a), b) in line.iter_mut().zip(upper.chunks_exact(2)).zip(lower.chunks_exact(2)) {
            *out = ((u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]) + 2) >> 2) as u8;
        }
    }
    data
}

/// One frame as the tracker keeps it: a small picture, and its halves.
#[derive(Debug, Clone)]
pub struct Pyramid {
    /// Presentation time in µs.
    pub pts_us: i64,
    /// How many of the clip's pixels one pixel of the first level spans.
    pub factor: usize,
    /// From the working size downwards, each half of the one before.
    pub levels: Vec<Luma>,
}

impl Pyramid {
    /// How much a clip of this size is shrunk, so that its long side has at most some 640 px.
    #[must_use]
    pub fn factor_for(width_px: usize, height_px: usize) -> usize {
        width_px.max(height_px).div_ceil(640).max(1)
    }

    /// Shrinks a luma plane.
    #[must_use]
    pub fn new(plane: &[u8], width_px: usize, height_px: usize, pts_us: i64) -> Self {
        let factor = Self::factor_for(width_px, height_px);
        let mut levels = vec![Luma::shrink(plane, width_px, height_px, factor)];
        while levels.len() < 4 && levels[levels.len() - 1].height_px >= 40 && levels[levels.len() - 1].width_px >= 40 {
            let next = levels[levels.len() - 1].halved();
            levels.push(next);
        }
        Self { pts_us, factor, levels }
    }

    /// The level on which one step of `step_px` working pixels is between one and two pixels, and its scale.
    #[must_use]
    pub fn level_for(&self, step_px: f32) -> (&Luma, f32) {
        let mut level = 0;
        let mut scale = 1.0;
        while level + 1 < self.levels.len() && step_px * scale > 2.0 {
            level += 1;
            scale *= 0.5;
        }
        (&self.levels[level], scale)
    }
}
