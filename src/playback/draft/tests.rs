//! The draft without a window.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::worker::{DraftAnswer, DraftOrder, DraftWorker};
use super::*;
use crate::worker::Desk;

fn request(clip: &str) -> DraftRequest {
    DraftRequest { clip: PathBuf::from(clip), faces: Vec::new(), picks: Picks::default(), scene: None }
}

fn wait(maker: &mut DraftMaker) {
    let began = Instant::now();
    while maker.is_working() {
        assert!(began.elapsed() < Duration::from_mins(1), "the draft is still being worked at");
        std::thread::sleep(Duration::from_millis(2));
        maker.receive();
    }
}

#[test]
fn a_worker_that_died_has_failed_and_says_why_and_can_be_tried_again() {
    let died = Arc::new(AtomicBool::new(false));
    let unlucky = DraftWorker::spawn("draft", 4, no_wake(), move || {
        let died = Arc::clone(&died);
        move |_: DraftOrder, desk: &Desk<'_, DraftOrder, DraftAnswer>| {
            assert!(died.swap(true, Ordering::SeqCst), "injected");
            let _ = desk.send(DraftAnswer::Done);
        }
    });
    let request = request("clip.mp4");
    let mut maker = DraftMaker::default();
    maker.worker = Some(unlucky.unwrap());
    maker.request = Some(request.clone());
    maker.retry();
    maker.request(request.clone(), 0);
    wait(&mut maker);
    let Work::Failed(why) = maker.work() else { panic!("{:?}", maker.work()) };
    assert!(why.contains("draft") && why.contains("injected"), "{why}");
    assert!(maker.can_retry());
    maker.retry();
    maker.request(request, 0);
    wait(&mut maker);
    assert_eq!(*maker.work(), Work::Rests);
}

#[test]
fn a_clip_that_cannot_be_read_says_why() {
    let mut maker = DraftMaker::default();
    maker.request(request(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")), 0);
    wait(&mut maker);
    assert!(matches!(maker.work(), Work::Failed(why) if !why.is_empty()), "{:?}", maker.work());
}
