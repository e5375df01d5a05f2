//! The player without a window: ticks, and what is done to the textures.

use std::path::{Path, PathBuf};

use super::*;
use crate::media::Frame;

/// Sets every sample of the luma.
struct Fill(u8);

impl Paint for Fill {
    fn paint(&self, frame: &mut Frame) {
        let (y, u, v) = frame.planes_mut();
        y.fill(self.0);
        u.fill(128);
        v.fill(128);
    }
}

/// Takes its time, as a slow decoder does.
struct Slow(Duration);

impl Paint for Slow {
    fn paint(&self, _: &mut Frame) {
        std::thread::sleep(self.0);
    }
}

struct Panics;

impl Paint for Panics {
    fn paint(&self, _: &mut Frame) {
        panic!("injected");
    }
}

fn stream(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/streams").join(name)
}

struct Desk {
    player: Player,
    /// The brightest sample of the picture that was put on screen last.
    brightest: Option<u8>,
    /// Which picture of which file was put on screen, and where the playhead was then.
    seen: Vec<(Source, i64, i64)>,
}

impl Desk {
    fn empty() -> Self {
        Self { player: Player::default(), brightest: None, seen: Vec::new() }
    }

    fn with_clip() -> Self {
        let mut desk = Self::empty();
        desk.player.set_source(Shown::Clip, Some(&stream("bframes.mp4")));
        desk.wait("a picture", |desk| desk.brightest.is_some_and(|brightest| brightest > 100));
        desk
    }

    fn tick(&mut self) {
        self.player.tick(Instant::now());
        for update in self.player.take_updates() {
            if let ScreenUpdate::Show(source, image) = update {
                self.brightest = image.rgba.iter().step_by(4).copied().max();
                let shown_us = self.player.source(source).and_then(OpenSource::shown_us).unwrap();
                self.seen.push((source, shown_us, self.player.clock.at_us()));
            }
        }
    }

    fn wait(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < Duration::from_mins(1), "{what} did not come");
            std::thread::sleep(Duration::from_millis(2));
            self.tick();
        }
    }

    fn times(&self) -> FrameTimes {
        self.player.shown_source().and_then(OpenSource::times).unwrap().clone()
    }
}

#[test]
fn a_draft_is_the_clip_painted_over_and_goes_with_what_paints_it() {
    let mut desk = Desk::with_clip();
    assert!(!desk.player.has_source(Shown::Draft));
    desk.player.show(Shown::Draft);
    assert_eq!(desk.player.shown(), Shown::Clip, "there is no draft yet");
    desk.player.set_paint(Some(Arc::new(Fill(16))));
    desk.player.show(Shown::Draft);
    assert!(desk.player.picture().is_some(), "the clip stays until the draft is there");
    desk.wait("the draft", |desk| desk.brightest == Some(0));
    desk.player.step(true);
    desk.wait("the next picture", |desk| desk.player.shown_us() == Some(desk.times().step_us(0, 1)));
    assert_eq!(desk.brightest, Some(0), "steps show the draft too");
    desk.player.set_paint(None);
    assert_eq!(desk.player.shown(), Shown::Clip);
    desk.wait("the clip", |desk| desk.brightest.is_some_and(|brightest| brightest > 100));
}

#[test]
fn another_paint_paints_the_same_moment_again() {
    let mut desk = Desk::with_clip();
    desk.player.set_paint(Some(Arc::new(Fill(16))));
    desk.player.show(Shown::Draft);
    desk.player.seek(400_000);
    desk.wait("the draft", |desk| desk.brightest == Some(0));
    desk.player.set_paint(Some(Arc::new(Fill(235))));
    desk.wait("the other draft", |desk| desk.brightest.is_some_and(|brightest| brightest > 200));
    assert_eq!(desk.player.playhead_ms(), 400);
}

#[test]
fn it_plays_to_the_end_and_stops_at_the_last_picture() {
    let mut desk = Desk::with_clip();
    let times = desk.times();
    desk.player.seek(times.duration_us() - 200_000);
    desk.player.toggle();
    desk.wait("the end", |desk| !desk.player.is_playing());
    assert_eq!(desk.player.playhead_ms(), (times.duration_us() - 1) / 1000);
    let last_us = times.step_us(times.duration_us(), 0);
    desk.wait("the last picture", |desk| desk.player.shown_us() == Some(last_us));
}

#[test]
fn a_draft_that_is_painted_slowly_skips_pictures_instead_of_falling_behind() {
    let mut desk = Desk::with_clip();
    desk.player.set_paint(Some(Arc::new(Slow(Duration::from_millis(120)))));
    desk.player.show(Shown::Draft);
    desk.player.play_from(0);
    desk.seen.clear();
    desk.wait("the end", |desk| !desk.player.is_playing());
    // Painted one by one each would come a frame after the one before, later and later.
    let widest_us = desk.seen.windows(2).map(|pair| pair[1].1 - pair[0].1).max().unwrap();
    assert!(widest_us >= 2 * desk.player.frame_us(), "{:?}", desk.seen);
}

/// However many ticks pass between two presses, and however long a picture takes.
#[test]
fn every_frame_step_counts_also_while_the_decoder_is_behind() {
    for (slow_ms, ticks) in [(0, 0), (0, 1), (25, 0), (25, 1), (25, 4)] {
        let mut desk = Desk::with_clip();
        desk.player.set_paint(Some(Arc::new(Slow(Duration::from_millis(slow_ms)))));
        desk.player.show(Shown::Draft);
        let times = desk.times();
        let mut expected_us = 0;
        for forward in [true, true, true, true, true, false, true, true, true, true, true, true] {
            desk.player.step(forward);
            expected_us = times.step_us(expected_us, if forward { 1 } else { -1 });
            assert_eq!(desk.player.clock.at_us(), expected_us, "the playhead is where the steps lead");
            for _ in 0..ticks {
                desk.tick();
            }
        }
        assert_eq!(expected_us, times.step_us(0, 10));
        desk.wait("the tenth picture", |desk| desk.player.shown_us() == Some(expected_us));
        assert!(!desk.player.is_late(Source::Clip));
    }
}

#[test]
fn steps_made_before_the_file_is_open_count_too() {
    let mut desk = Desk::empty();
    desk.player.set_source(Shown::Clip, Some(&stream("full709.mp4")));
    for _ in 0..4 {
        desk.player.step(true);
    }
    desk.player.step(false);
    desk.wait("the third picture", |desk| {
        let third_us = desk.player.source(Source::Clip).and_then(OpenSource::times).map(|times| times.step_us(0, 3));
        third_us.is_some() && desk.player.shown_us() == third_us
    });
}

#[test]
fn painting_that_panics_is_reported_and_the_clip_can_be_shown_again() {
    let mut desk = Desk::with_clip();
    desk.player.set_paint(Some(Arc::new(Panics)));
    desk.player.show(Shown::Draft);
    desk.wait("the failure", |desk| desk.player.failure().is_some());
    let why = desk.player.failure().unwrap();
    assert!(why.contains("pictures") && why.contains("injected"), "{why}");
    assert!(desk.player.picture().is_none() && !desk.player.has_picture());
    desk.player.show(Shown::Clip);
    desk.wait("the clip", |desk| desk.player.picture().is_some());
    assert_eq!(desk.player.failure(), None);
}

#[test]
fn painting_that_panics_while_it_plays_stops_it() {
    let mut desk = Desk::with_clip();
    desk.player.set_paint(Some(Arc::new(Panics)));
    desk.player.show(Shown::Draft);
    desk.player.play_from(0);
    desk.wait("the failure", |desk| desk.player.failure().is_some());
    desk.wait("the end", |desk| !desk.player.is_playing());
}

/// The messy order: something was played and heard before, and the sound of the result is not decoded yet when it opens.
#[test]
fn a_result_plays_from_its_start_also_when_something_was_played_before() {
    for played_before in [false, true] {
        let mut desk = Desk::with_clip();
        desk.player.set_sound(Choice::Off);
        if played_before {
            desk.wait("the clip's sound", |desk| desk.player.has_sound() == Some(true));
            desk.player.play_from(500_000);
            desk.wait("it to be heard", |desk| {
                desk.player.soundtrack.position().is_some_and(|at| at.played_us > 100_000)
            });
            desk.player.toggle();
            assert!(!desk.player.is_playing());
        }
        desk.player.set_source(Shown::Result, Some(&stream("first.mp4")));
        desk.player.show(Shown::Result);
        desk.player.play_from(200_000);
        desk.seen.clear();
        desk.wait("the result", |desk| desk.seen.iter().any(|(source, ..)| *source == Source::Result));
        let (_, shown_us, at_us) = *desk.seen.iter().find(|(source, ..)| *source == Source::Result).unwrap();
        assert_eq!(shown_us, desk.times().step_us(200_000, 0), "its first picture is that of the start");
        assert_eq!(at_us, 200_000, "and the playhead is there");
        desk.wait("the end", |desk| !desk.player.is_playing());
        let shown: Vec<i64> = desk.seen.iter().map(|(_, shown_us, _)| *shown_us).collect();
        assert!(shown.is_sorted(), "it goes on from there: {shown:?}");
    }
}

#[test]
fn where_there_is_no_clip_the_picture_of_a_result_is_not_shown_in_its_place() {
    let mut desk = Desk::empty();
    desk.player.set_source(Shown::Result, Some(&stream("bframes.mp4")));
    desk.player.show(Shown::Result);
    desk.wait("the result", |desk| desk.player.picture() == Some(Source::Result));
    assert!(desk.player.length_ms() > 0);
    desk.player.show(Shown::Clip);
    assert_eq!((desk.player.picture(), desk.player.length_ms()), (None, 0));
    // A clip that is being opened: until its picture is there, what was on screen stays.
    desk.player.set_source(Shown::Clip, Some(&stream("first.mp4")));
    assert_eq!(desk.player.picture(), Some(Source::Result));
    desk.wait("the clip", |desk| desk.player.picture() == Some(Source::Clip));
    // And the other way round: when the result goes, the clip's picture is there.
    desk.player.show(Shown::Result);
    desk.wait("the result again", |desk| desk.player.picture() == Some(Source::Result));
    desk.player.leave_result();
    assert_eq!((desk.player.shown(), desk.player.picture()), (Shown::Clip, Some(Source::Clip)));
}

#[test]
fn side_by_side_a_side_is_late_until_it_shows_the_same_moment() {
    let mut desk = Desk::with_clip();
    desk.player.set_source(Shown::Result, Some(&stream("first.mp4")));
    desk.player.seek(400_000);
    desk.wait("the moment", |desk| !desk.player.is_late(Source::Clip));
    desk.player.set_beside(true);
    assert!(desk.player.is_late(Source::Result), "it was not opened yet");
    let late = |desk: &Desk| desk.player.sides().map(|side| desk.player.is_late(side));
    desk.wait("both", |desk| late(desk) == [false, false]);
    let shown = desk.player.sides().map(|side| desk.player.source(side).and_then(OpenSource::shown_us).unwrap());
    assert_eq!(shown[0], shown[1]);
    desk.player.seek(0);
    assert_eq!(late(&desk), [true, true], "another moment");
    desk.wait("both again", |desk| late(desk) == [false, false]);
}

#[test]
fn two_results_go_by_one_clock_and_which_of_them_is_heard_changes_no_moment() {
    let mut desk = Desk::with_clip();
    desk.player.set_source(Shown::Result, Some(&stream("first.mp4")));
    desk.player.show(Shown::Result);
    desk.player.set_other(Some(&stream("bframes.mp4")));
    desk.player.set_beside(true);
    assert_eq!(desk.player.sides(), [Source::Other, Source::Result]);
    // Before a file is open, its length is not known.
    desk.wait("the result", |desk| desk.player.picture() == Some(Source::Result));
    desk.player.seek(400_000);
    let both = |desk: &Desk| desk.player.sides().iter().all(|side| !desk.player.is_late(*side));
    desk.wait("both", both);
    desk.player.show(Shown::Other);
    assert_eq!((desk.player.sides(), desk.player.playhead_ms()), ([Source::Other, Source::Result], 400));
    desk.wait("both, of which the other is heard", both);

    // They play together: what is shown of one is never far from what is shown of the other, and frames go rather than time.
    desk.player.seek(0);
    desk.wait("the beginning", both);
    desk.seen.clear();
    desk.player.toggle();
    desk.wait("the end", |desk| !desk.player.is_playing());
    let frame_us = desk.times().frame_us();
    for side in [Source::Other, Source::Result] {
        let seen: Vec<_> = desk.seen.iter().filter(|(of, ..)| *of == side).collect();
        assert!(seen.len() > 2, "{side:?} was not played");
        assert!(seen.iter().all(|(_, shown_us, at_us)| at_us - shown_us >= -frame_us), "{side:?} runs ahead: {seen:?}");
    }

    // The clip takes its place again, and nothing more is decoded of the other.
    desk.player.set_other(None);
    assert_eq!((desk.player.shown(), desk.player.sides()), (Shown::Result, [Source::Clip, Source::Result]));
    desk.wait("clip and result", both);
    desk.player.set_other(Some(&stream("none.mp4")));
    desk.wait("why not", |desk| desk.player.failure_of(Source::Other).is_some());
    assert!(desk.player.failure().is_none() && desk.player.is_beside(), "the result is shown all the same");
    desk.player.leave_result();
    assert!(!desk.player.has_source(Shown::Other) && !desk.player.is_beside());
}

#[test]
fn decoders_that_nobody_looks_at_are_closed_and_opened_again() {
    const LONG: Duration = Duration::from_hours(1);
    let holds = |desk: &Desk, source| desk.player.source(source).is_some_and(OpenSource::holds_decoder);
    let mut desk = Desk::empty();
    desk.player.close_after = CloseAfter { still: LONG, hidden: Duration::ZERO };
    desk.player.set_source(Shown::Clip, Some(&stream("bframes.mp4")));
    desk.wait("a picture", |desk| desk.player.picture().is_some());
    assert!(holds(&desk, Source::Clip));
    desk.player.set_source(Shown::Result, Some(&stream("first.mp4")));
    desk.player.show(Shown::Result);
    desk.wait("the result", |desk| desk.player.picture() == Some(Source::Result));
    desk.wait("the clip's decoder to be closed", |desk| !holds(desk, Source::Clip));
    assert!(holds(&desk, Source::Result));
    desk.player.show(Shown::Clip);
    desk.player.seek(400_000);
    desk.wait("the clip again", |desk| {
        desk.player.picture() == Some(Source::Clip) && !desk.player.is_late(Source::Clip)
    });
    assert_eq!(desk.player.shown_us(), Some(desk.times().step_us(400_000, 0)));

    let mut desk = Desk::empty();
    desk.player.close_after = CloseAfter { still: Duration::ZERO, hidden: Duration::ZERO };
    desk.player.set_source(Shown::Clip, Some(&stream("bframes.mp4")));
    desk.wait("a picture, and no decoder", |desk| desk.player.picture().is_some() && !holds(desk, Source::Clip));
    desk.player.step(true);
    desk.wait("the next picture", |desk| desk.player.shown_us() == Some(desk.times().step_us(0, 1)));
}
