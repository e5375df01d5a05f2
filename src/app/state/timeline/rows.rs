//! Distribution of the timeline's height among its rows. Pure.

/// Height of the ruler.
pub const RULER_PX: f32 = 24.0;
/// Height of the bar that shows which part is in view.
pub const OVERVIEW_PX: f32 = 10.0;
/// Height of the text under the voice.
pub const WORDS_PX: f32 = 28.0;
/// Gap between two lanes.
pub const GAP_PX: f32 = 4.0;
/// The minimum height, at which everything can still be seen and dragged.
pub const LEAST_PX: f32 = 168.0;
/// The default height.
pub const USUAL_PX: f32 = 232.0;
/// The maximum height.
pub const MOST_PX: f32 = 560.0;

/// Heights of the rows, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rows {
    /// The filmstrip.
    pub film: f32,
    /// The face lanes.
    pub faces: f32,
    /// The voice.
    pub voice: f32,
}

/// Distributes a height: filmstrip and voice grow a little, the face lanes get most.
#[must_use]
pub fn rows(height_px: f32) -> Rows {
    let rest = (height_px - RULER_PX - OVERVIEW_PX - WORDS_PX - 2.0 * GAP_PX).max(0.0);
    let film = (rest * 0.27).clamp(26.0, 72.0);
    let voice = (rest * 0.36).clamp(42.0, 112.0);
    Rows { film, faces: (rest - film - voice).max(0.0), voice }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_rows_fill_the_height_and_a_lane_always_fits(height in LEAST_PX..MOST_PX) {
            let Rows { film, faces, voice } = rows(height);
            let sum = film + faces + voice + RULER_PX + OVERVIEW_PX + WORDS_PX + 2.0 * GAP_PX;
            prop_assert!((sum - height).abs() < 0.01);
            prop_assert!(faces >= 24.0, "{faces} for the faces");
        }

        #[test]
        fn higher_takes_nothing_away(height in LEAST_PX..MOST_PX, more in 0.0..100.0_f32) {
            let (a, b) = (rows(height), rows(height + more));
            prop_assert!(b.film >= a.film && b.faces >= a.faces - 0.01 && b.voice >= a.voice);
        }
    }
}
