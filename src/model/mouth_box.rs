//! Where a person says that the mouth of a face is.

use serde::{Deserialize, Serialize};

use super::words;

/// A mouth's position as set by the user, in face units: (0, 0) is the centre of the face's box, 1 its side, and the
/// axes turn with the head.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MouthBox {
    /// Centre, to the right of the face's centre.
    pub u: f32,
    /// Centre, below the face's centre.
    pub v: f32,
    /// From corner to corner.
    pub width: f32,
    /// From the top of the upper lip to the bottom of the lower lip.
    pub height: f32,
}

impl MouthBox {
    /// Its four values by name, each with the least and the greatest at which a mouth can be: beyond them the box is not on the face.
    pub const RANGES: [(&str, (f32, f32)); 4] =
        [("u", (-0.35, 0.35)), ("v", (0.0, 0.6)), ("width", (0.12, 0.8)), ("height", (0.04, 0.4))];

    /// A box of the values in the order of [`MouthBox::RANGES`].
    #[must_use]
    pub const fn of([u, v, width, height]: [f32; 4]) -> Self {
        Self { u, v, width, height }
    }

    /// Its values in the order of [`MouthBox::RANGES`].
    #[must_use]
    pub const fn values(&self) -> [f32; 4] {
        [self.u, self.v, self.width, self.height]
    }

    /// The nearest box at which a mouth can be.
    #[must_use]
    pub fn kept(self) -> Self {
        let mut values = self.values();
        for (value, (_, (least, most))) in values.iter_mut().zip(Self::RANGES) {
            *value = value.clamp(least, most);
        }
        Self::of(values)
    }

    /// Checks that a mouth can be there.
    ///
    /// # Errors
    /// The name of the first value that is no number or out of its range, and why.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (value, (name, (least, most))) in self.values().into_iter().zip(Self::RANGES) {
            // A value that is no number is in no range.
            if !(least..=most).contains(&value) {
                return Err((name, words::mouth_out_of_range(value, least, most)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_box_off_the_face_is_named_by_its_first_wrong_value() {
        assert_eq!(MouthBox::of([0.0, 0.3, 0.4, 0.12]).check(), Ok(()));
        for (values, name) in [
            ([0.5, 0.3, 0.4, 0.12], "u"),
            ([0.0, -0.1, 0.4, 0.12], "v"),
            ([0.0, 0.3, 1.2, 0.12], "width"),
            ([0.0, 0.3, 0.4, f32::NAN], "height"),
        ] {
            assert_eq!(MouthBox::of(values).check().unwrap_err().0, name);
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_always_on_the_face(values: [i16; 4]) {
            let wild = MouthBox::of(values.map(|value| f32::from(value) / 1000.0));
            prop_assert_eq!(wild.kept().check(), Ok(()));
            if wild.check().is_ok() {
                prop_assert_eq!(wild.kept(), wild);
            }
        }
    }
}
