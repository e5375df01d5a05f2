//! Faces of a live session come back with their clip.

use super::fixtures::*;
use super::play::Play;
use crate::model::{ClipProbe, ClipSource, Dialect};
use crate::workflow::*;

fn clip(name: &str) -> PersonEvent {
    PersonEvent::SetClip(Some(ClipSource::File(name.into())))
}

#[test]
fn faces_that_were_paid_come_back_with_their_clip_and_are_sent_for_no_more() {
    let mut play = Play::to_choosing(2);
    play.event(PersonEvent::ChooseFace("1".into()));
    play.event(clip("other.mp4"));
    assert!(matches!(play.flow.stage, Stage::Idle(_)));
    play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    play.commands.clear();
    play.event(clip("clip.mp4"));
    play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    assert_eq!(play.choosing().faces.session.session_id, "s");
    assert_eq!(play.choosing().faces.chosen.as_deref(), Some("1"));
    assert!(!play.commands.iter().any(|command| matches!(command, Command::Identify { .. } | Command::Upload { .. })));
}

#[test]
fn faces_do_not_come_back_after_their_session_nor_with_another_file_of_that_name_nor_at_another_service() {
    let mut over = Play::to_choosing(1);
    over.event(clip("other.mp4"));
    over.now_ms = crate::model::face::SESSION_LIFE_MS;
    over.flow.ahead_ms = Some(0);
    over.event(clip("clip.mp4"));
    assert!(matches!(over.flow.stage, Stage::Idle(_)));

    let mut changed = Play::to_choosing(1);
    changed.event(clip("other.mp4"));
    changed.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    changed.event(clip("clip.mp4"));
    assert!(matches!(changed.flow.stage, Stage::Choosing(_)));
    changed.answer(JobEvent::ClipProbed(Ok(ClipProbe { size_bytes: 2, ..clip_probe() })));
    assert!(matches!(changed.flow.stage, Stage::Idle(_)), "it is another clip by now");

    let mut elsewhere = Play::to_choosing(1);
    elsewhere.event(clip("other.mp4"));
    elsewhere.event(PersonEvent::SwitchService(terms(Dialect::Kling)));
    elsewhere.event(clip("clip.mp4"));
    assert!(matches!(elsewhere.flow.stage, Stage::Idle(_)));
}
