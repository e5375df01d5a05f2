//! The voice's waveform: one column for every two points in view, at every zoom, as one mesh.

use egui::{Color32, Mesh, Painter, Rect, Shape, pos2};

use super::scale::Scale;
use crate::media::Waveform;

/// Width of a column, in points.
const COLUMN_PX: f32 = 2.0;
/// Width of a column's bar, in points.
const STROKE_PX: f32 = 1.3;

/// Draws the part of a waveform within `room` and the clip rectangle of `painter`. `zero_ms` is when the voice would begin, uncropped.
pub fn wave_ui(painter: &Painter, waveform: &Waveform, room: Rect, scale: &Scale, zero_ms: i64, ink: Color32) {
    let view = painter.clip_rect().intersect(room);
    if view.width() < COLUMN_PX || view.height() <= 0.0 {
        return;
    }
    // Columns are at whole multiples from the voice's own start, so that the pattern stays the same while it is moved or trimmed.
    let zero_px = scale.x_of(zero_ms);
    let first = ((view.left() - zero_px) / COLUMN_PX).ceil();
    let count = ((view.right() - zero_px) / COLUMN_PX).floor() - first;
    if count < 1.0 {
        return;
    }
    let left = zero_px + first * COLUMN_PX;
    let ms_at = |x: f32| (scale.exact_ms_at(x) - zero_ms as f64).round() as i64;
    let peaks = waveform.peaks(ms_at(left)..ms_at(left + count * COLUMN_PX), count as usize);
    // Normalised, so that quiet voices fill the lane, too: the waveform shows where there is speech, not how loud it is.
    let loudest = waveform.peaks(0..waveform.duration_ms(), 1).first().map_or(0.0, |peak| peak.max.max(-peak.min));
    let (middle, gain) = (room.center().y, room.height() / 2.0 / loudest.max(0.01));
    let mut mesh = Mesh::default();
    mesh.reserve_vertices(peaks.len() * 4);
    mesh.reserve_triangles(peaks.len() * 2);
    for (column, peak) in peaks.iter().enumerate() {
        let x = left + (column as f32 + 0.5) * COLUMN_PX - STROKE_PX / 2.0;
        let (top, bottom) = (middle - (peak.max * gain).max(0.5), middle - (peak.min * gain).min(-0.5));
        mesh.add_colored_rect(Rect::from_min_max(pos2(x, top), pos2(x + STROKE_PX, bottom)), ink);
    }
    painter.add(Shape::mesh(mesh));
}
