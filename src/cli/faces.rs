//! Faces as people name them.

use crate::model::interval::clock_text;
use crate::model::{Face, Problem, ProblemKind};

/// A face as people name it: `2 of 3 (id 1f), 0:02.000 to 0:07.000`.
pub fn face_text(faces: &[Face], face: &Face) -> String {
    let number = faces.iter().position(|other| other.face_id == face.face_id).map_or(0, |at| at + 1);
    let when = face.interval.map_or_else(
        || "the whole clip is assumed, for the service gave no interval".to_owned(),
        |interval| format!("{} to {}", clock_text(interval.start_ms), clock_text(interval.end_ms)),
    );
    format!("{number} of {} (id {}), {when}", faces.len(), face.face_id)
}

/// The face that is meant: its id goes before its number; without either, the only one.
pub fn find_face(faces: &[Face], wanted: Option<&str>) -> Result<Face, Problem> {
    let list = || {
        let rows: Vec<_> = faces.iter().map(|face| face_text(faces, face)).collect();
        format!("The faces are: {}", rows.join("; "))
    };
    let Some(wanted) = wanted else {
        return match faces {
            [only] => Ok(only.clone()),
            _ => Err(Problem::new(
                ProblemKind::Usage,
                format!("The clip has {} faces, and none is chosen. {}", faces.len(), list()),
            )
            .with_hint("Choose one with --face, by number or id")),
        };
    };
    let by_id = faces.iter().find(|face| face.face_id == wanted);
    let by_number = || wanted.parse::<usize>().ok().and_then(|number| faces.get(number.checked_sub(1)?));
    by_id.or_else(by_number).cloned().ok_or_else(|| {
        Problem::new(ProblemKind::Usage, format!("There is no face {wanted}. {}", list()))
            .with_hint("Choose one with --face, by number or id")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(face_id: &str) -> Face {
        Face { face_id: face_id.into(), face_image: None, interval: None, rect: None, extra: serde_json::Map::new() }
    }

    #[test]
    fn an_id_goes_before_a_number() {
        let faces = [face("0"), face("2"), face("x")];
        for (wanted, found) in [("0", "0"), ("1", "0"), ("2", "2"), ("3", "x"), ("x", "x")] {
            assert_eq!(find_face(&faces, Some(wanted)).unwrap().face_id, found, "{wanted}");
        }
        for wanted in ["4", "", "-1", "99999999999999999999"] {
            assert_eq!(find_face(&faces, Some(wanted)).unwrap_err().kind, ProblemKind::Usage, "{wanted}");
        }
    }

    #[test]
    fn of_several_none_is_taken_silently_and_all_are_listed() {
        let problem = find_face(&[face("a"), face("b")], None).unwrap_err();
        assert!(problem.message.contains("id a") && problem.message.contains("id b"), "{problem}");
        assert_eq!(find_face(&[face("a")], None).unwrap().face_id, "a");
    }
}
