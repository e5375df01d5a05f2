//! Faces as people name them.

use super::words;
use crate::model::interval::clock_text;
use crate::model::{Face, Problem, ProblemKind};

/// A face as people name it: `2 of 3 (id 1f), 0:02.000 to 0:07.000`.
pub fn face_text(faces: &[Face], face: &Face) -> String {
    let number = faces.iter().position(|other| other.face_id == face.face_id).map_or(0, |at| at + 1);
    let when = face.interval.map_or_else(words::part_no_interval, |interval| {
        words::interval(clock_text(interval.start_ms), clock_text(interval.end_ms))
    });
    words::face(number, faces.len(), &face.face_id, &when)
}

/// Which face is to speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaceChoice {
    /// The only one.
    Only,
    /// The only one, as a row of a batch asks for it.
    OnlyOfRow,
    /// The first one, whatever it is called.
    First,
    /// By number from 1.
    Number(usize),
    /// By id, else by number from 1.
    Named(String),
}

impl FaceChoice {
    /// The choice that `--face` makes.
    pub fn given(face: Option<String>) -> Self {
        face.map_or(Self::Only, Self::Named)
    }
}

/// The chosen face, and a note where the choice could mean two.
///
/// # Errors
/// [`ProblemKind::Usage`]: there is no such face, or there are several and none is chosen.
pub fn find_face(faces: &[Face], choice: &FaceChoice) -> Result<(Face, Option<String>), Problem> {
    let list = || {
        let rows: Vec<_> = faces.iter().map(|face| face_text(faces, face)).collect();
        rows.join("; ")
    };
    let usage = |message: String| Problem::new(ProblemKind::Usage, message).with_hint(words::choose_face_hint());
    match (choice, faces) {
        (FaceChoice::Only | FaceChoice::OnlyOfRow, [only]) => Ok((only.clone(), None)),
        (FaceChoice::First, [first, ..]) => Ok((first.clone(), None)),
        (FaceChoice::Number(number), _) => match number.checked_sub(1).and_then(|at| faces.get(at)) {
            Some(face) => Ok((face.clone(), None)),
            None => Err(usage(words::no_such_face(number.to_string(), list()))),
        },
        (FaceChoice::OnlyOfRow, _) => {
            Err(Problem::new(ProblemKind::Usage, words::face_is_not_the_only_one(faces.len(), list()))
                .with_hint(words::choose_face_of_row_hint(faces.last().map_or("", |face| &face.face_id))))
        }
        (FaceChoice::Only | FaceChoice::First, _) => Err(usage(words::no_face_chosen(faces.len(), list()))),
        (FaceChoice::Named(name), _) => {
            let by_id = faces.iter().find(|face| face.face_id == *name);
            let by_number = name.parse::<usize>().ok().and_then(|number| faces.get(number.checked_sub(1)?));
            match (by_id, by_number) {
                (Some(by_id), Some(other)) if by_id.face_id != other.face_id => {
                    Ok((by_id.clone(), Some(words::face_is_id(name, &other.face_id))))
                }
                (Some(face), _) | (None, Some(face)) => Ok((face.clone(), None)),
                (None, None) => Err(usage(words::no_such_face(name, list()))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(face_id: &str) -> Face {
        Face { face_id: face_id.into(), face_image: None, interval: None, rect: None, extra: serde_json::Map::new() }
    }

    fn found(faces: &[Face], words: &str) -> Result<(String, bool), Problem> {
        find_face(faces, &FaceChoice::Named(words.into())).map(|(face, note)| (face.face_id, note.is_some()))
    }

    #[test]
    fn an_id_goes_before_a_number_and_that_is_said_where_they_differ() {
        let faces = [face("0"), face("2"), face("x")];
        for (words, id, note) in
            [("0", "0", false), ("1", "0", false), ("2", "2", false), ("3", "x", false), ("x", "x", false)]
        {
            assert_eq!(found(&faces, words), Ok((id.to_owned(), note)), "{words}");
        }
        assert_eq!(found(&[face("0"), face("1")], "1"), Ok(("1".to_owned(), true)));
        for words in ["4", "", "-1", "99999999999999999999"] {
            assert_eq!(found(&faces, words).unwrap_err().kind, ProblemKind::Usage, "{words}");
        }
    }

    #[test]
    fn of_several_none_is_taken_silently_and_all_are_listed() {
        let problem = find_face(&[face("a"), face("b")], &FaceChoice::Only).unwrap_err();
        assert!(problem.message.contains("id a") && problem.message.contains("id b"), "{problem}");
        assert_eq!(find_face(&[face("a")], &FaceChoice::Only).unwrap().0.face_id, "a");
        assert_eq!(find_face(&[face("a"), face("b")], &FaceChoice::First).unwrap().0.face_id, "a");
    }
}
