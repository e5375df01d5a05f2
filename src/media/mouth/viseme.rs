//! The shape of a mouth at a moment.

/// The visible shape of a mouth for a sound, derived from the sound alone: the same for every face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viseme {
    /// How far the lips are apart: 0 touching, 1 a loud "ah".
    pub open: f32,
    /// How wide: -1 the narrow round mouth of "oo", 0 at rest, 1 the spread mouth of "ee".
    pub spread: f32,
    /// How much of the upper teeth shows, 0 to 1: most in "s" and "ee".
    pub teeth: f32,
    /// 0: the mouth stays as it is in the clip; 1: it follows the voice alone.
    pub weight: f32,
}

impl Viseme {
    /// The mouth as it is in the clip.
    pub const REST: Self = Self { open: 0.0, spread: 0.0, teeth: 0.0, weight: 0.0 };

    /// Between two visemes; `part` 0 is this one.
    #[must_use]
    pub fn towards(&self, other: &Self, part: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * part;
        Self {
            open: mix(self.open, other.open),
            spread: mix(self.spread, other.spread),
            teeth: mix(self.teeth, other.teeth),
            weight: mix(self.weight, other.weight),
        }
    }
}
