//! Where a voice asks the lips to close: m, b, p, and other short dips between two open sounds.

/// The lips are to be closed where the voice's opening falls under this, of 1.
const CLOSED: f32 = 0.12;
/// And was, and will be again, over this, within [`AROUND`].
const OPEN: f32 = 0.35;
/// In steps of 10 ms.
const AROUND: usize = 14;
/// What lasts for so many steps is a pause.
const PAUSE: usize = 30;

/// The middles of the dips of an opening that is given in steps, in steps.
pub(super) fn closures(asked: &[f32]) -> Vec<f32> {
    let steps = asked.len();
    let most = |from: usize, to: usize| asked[from.min(steps)..to.min(steps)].iter().copied().fold(0.0, f32::max);
    let mut found = Vec::new();
    let mut at = 0;
    while at < steps {
        let length = asked[at..].iter().take_while(|open| **open < CLOSED).count();
        if length > 0 && length < PAUSE {
            let around = most(at.saturating_sub(AROUND), at).min(most(at + length, at + length + AROUND));
            if around > OPEN {
                found.push(at as f32 + length as f32 / 2.0);
            }
        }
        at += length.max(1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_dip_between_open_sounds_asks_the_lips_to_close() {
        let mut asked = vec![0.8; 80];
        asked[30..36].fill(0.02);
        assert_eq!(closures(&asked), [33.0]);
        asked[30..64].fill(0.02);
        assert_eq!(closures(&asked), Vec::<f32>::new(), "a pause is none");
        asked[30..].fill(0.02);
        assert_eq!(closures(&asked), Vec::<f32>::new(), "the end of a word is none");
    }
}
