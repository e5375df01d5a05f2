//! Seeded lives: the shipped workflow, engine, client and journal in one process, in a world made from a seed. Only service, network,
//! clocks and disk are models; see `ARCHITECTURE.md`, Tests.
//!
//! A life that goes wrong names its seed, and `VISEME_LIFE=SEED cargo test --test lives one_life -- --nocapture` tells it again, the
//! same to the last step. With `VISEME_WITHOUT=Lease` (or another of [`guards::Guard`]) it is lived without that guard.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by a panic, says what it lived, and has no readers of its documentation"
)]

mod beginning;
mod chance;
mod end;
mod guards;
mod life;
mod person;
mod service;
mod universe;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use viseme::model::{Placement, Profile, Submission, VoiceSource};

use chance::Chance;
use guards::Guard;
use life::{empty, live};
use service::{Kind, Request, SESSION_MS, Service};
use universe::{Counts, Universe};

#[derive(Debug, Default)]
struct Lived {
    lives: u64,
    counts: Counts,
    /// The least seed among those that went wrong, and how.
    wrong: Option<(u64, Vec<String>)>,
}

/// Lives the lives of `most` seeds from `from`, on all cores, until one goes wrong or the time is over.
fn lives(from: u64, most: u64, without: Option<Guard>, until: Option<Instant>) -> Lived {
    let (next, lived) = (AtomicU64::new(0), Mutex::new(Lived::default()));
    let is_over = || until.is_some_and(|until| Instant::now() >= until);
    let one_after_another = || {
        let journal = empty();
        while !is_over() && lived.lock().unwrap().wrong.is_none() {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= most {
                return;
            }
            let (wrong, counts) = live(from + at, &journal, without, false);
            let mut lived = lived.lock().unwrap();
            lived.lives += 1;
            for (word, count) in counts {
                *lived.counts.entry(word).or_default() += count;
            }
            if !wrong.is_empty() && lived.wrong.as_ref().is_none_or(|(seed, _)| from + at < *seed) {
                lived.wrong = Some((from + at, wrong));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(one_after_another);
        }
    });
    lived.into_inner().unwrap()
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.trim().parse().ok()
}

/// One life, told.
#[test]
fn one_life() {
    let seed = number("VISEME_LIFE").unwrap_or(1);
    let without = std::env::var("VISEME_WITHOUT").ok();
    let without = without.and_then(|name| Guard::ALL.into_iter().find(|guard| format!("{guard:?}") == name));
    let (wrong, _) = live(seed, &empty(), without, number("VISEME_LIFE").is_some());
    assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
}

#[test]
fn a_thousand_lives_go_well_and_everything_happens_in_them() {
    let lived = lives(0, 1_000, None, None);
    assert_eq!(lived.wrong, None, "VISEME_LIFE=SEED tells it");
    println!("{:#?}", lived.counts);
    for word in [
        "create sent",
        "create well",
        "create not sent",
        "create lost",
        "answer lost",
        "create late",
        "answer cut",
        "answer garbled",
        "answer replaced",
        "create 5001",
        "create 1302",
        "create 1303",
        "create 1301",
        "create duplicated",
        "process died",
        "power failed",
        "clock set",
        "taken over",
        "enqueued",
        "queue goes on",
        "queue removed",
        "accepted",
        "refused",
        "name_taken",
        "name_query",
        "resend",
        "unknown",
    ] {
        assert!(lived.counts.contains_key(word), "no life had: {word}");
    }
}

/// A create of a session that ended while the machine slept, so long (in milliseconds, awake) after that sleep: what the judge says of it.
fn sent_after_a_sleep(awake_ms: u64) -> (Vec<String>, Counts) {
    let mut universe = Universe::new(Chance::new(1), Service::new(Kind::Official, 9), None, false);
    let now_ms = universe.service_ms();
    let (_, found) = universe.service.answer(&Request::Identify, now_ms, 0);
    let submission = Submission {
        session_id: found["data"]["session_id"].as_str().unwrap().into(),
        face_id: "0".into(),
        voice: VoiceSource::AudioId("audio".into()),
        placement: Placement {
            sound_start_time: 0,
            sound_end_time: 4_000,
            sound_insert_time: 0,
            sound_volume: None,
            original_audio_volume: None,
        },
        external_task_id: "mine".into(),
        callback_url: None,
        watermark: None,
        mouth_box: None,
    };
    let (slept_at_ms, slept_ms) = (5_000, SESSION_MS + 20 * 60_000);
    universe.sleeps.push((slept_at_ms, slept_ms));
    (universe.asleep_ms, universe.true_ms) = (slept_ms, slept_at_ms + awake_ms);
    let call = viseme::wire::request::create(&Profile::built_in().swap_remove(2), &submission).unwrap();
    universe.send(0, &call);
    let now_ms = universe.service_ms();
    let create = Request::Create { name: "mine".into(), session: submission.session_id };
    assert_eq!(universe.service.answer(&create, now_ms, 1).0, 400, "the service refuses it, at no cost");
    (universe.wrong, universe.counts)
}

/// The machine sleeps for a day between the look at the session and the sending: what runs on it cannot know, and the service refuses. Later
/// it must know.
#[test]
fn a_session_that_ends_while_the_machine_sleeps_costs_nothing() {
    let (wrong, counts) = sent_after_a_sleep(2);
    assert_eq!((wrong, counts.get("slept before sending")), (vec![], Some(&1)));
    assert_eq!(sent_after_a_sleep(5 * 60_000).0.len(), 1, "it was looked at after the sleep");
}

#[test]
fn a_life_is_the_same_each_time() {
    let used = empty();
    for seed in 0..10 {
        for without in [None, Some(Guard::SameName)] {
            let (new, used) = (live(seed, &empty(), without, false), live(seed, &used, without, false));
            assert_eq!(new, used, "seed {seed}");
        }
    }
}

/// Each guard, taken away: within 10 000 lives one goes wrong.
#[test]
fn without_any_one_guard_lives_go_wrong() {
    for guard in Guard::ALL {
        let lived = lives(0, 10_000, Some(guard), None);
        println!("{guard:?}: {:?}", lived.wrong);
        assert!(lived.wrong.is_some(), "{guard:?} guards nothing in {} lives", lived.lives);
    }
}

/// For `.ci/check`: as many lives as a minute has.
#[test]
#[ignore = "takes a minute"]
fn a_minute_of_lives() {
    let from = number("VISEME_FROM").unwrap_or(1_000_000);
    let began = Instant::now();
    let until = began + Duration::from_secs(number("VISEME_SECONDS").unwrap_or(60));
    let lived = lives(from, u64::MAX - from, None, Some(until));
    println!("{} lives from seed {from} in {:?}: {:?}", lived.lives, began.elapsed(), lived.counts);
    assert_eq!(lived.wrong, None, "VISEME_LIFE=SEED tells it");
}
