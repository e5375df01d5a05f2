//! How a life begins: which service, how many processes, and what will happen to the machine.

use viseme::model::Profile;

use crate::chance::Chance;
use crate::guards::Guard;
use crate::life::WILD_MS;
use crate::service::{CLIP, Kind, Service};
use crate::universe::{BEGIN_MS, Event, Universe};

/// The universe of a seed, the profile of its service, and how many processes there are.
pub fn begin(seed: u64, without: Option<Guard>, talks: bool) -> (Universe, Profile, usize) {
    let mut chance = Chance::new(seed);
    let (kind, profile) = match chance.within(0, 10) {
        0..=5 => (Kind::Official, 2),
        6..=8 => (Kind::Gateway, 1),
        _ => (Kind::Kirin, 3),
    };
    let slots = if chance.percent(25) { chance.within(1, 4) as usize } else { 100 };
    let mut service = Service::new(kind, slots);
    if kind == Kind::Official {
        for number in 0..4 {
            if chance.percent(50) {
                let ago_ms = chance.within(20 * 60_000, 3 * 24 * 3_600_000) as i64;
                let clip = if chance.percent(50) { CLIP } else { "https://media.example/other.mp4" };
                service.was_there(&format!("order-{number}"), BEGIN_MS - ago_ms, clip);
            }
        }
    }
    let profile = Profile::built_in().swap_remove(profile);
    let mut universe = Universe::new(chance, service, without, talks);
    let processes = universe.chance.within(1, 4) as usize;
    for process in 0..processes {
        let in_ms = universe.chance.within(0, 20_000);
        universe.at(in_ms, Event::Starts(process));
    }
    if universe.chance.percent(25) {
        let (in_ms, day_ms) = (universe.chance.within(1, WILD_MS), 24 * 3_600_000);
        let by_ms = universe.chance.within(0, 2 * day_ms) as i64 - day_ms as i64;
        universe.at(in_ms, Event::ClockSet(by_ms));
    }
    if universe.chance.percent(10) {
        let (in_ms, by_ms) = (universe.chance.within(1, WILD_MS), universe.chance.within(1, 30 * 3_600_000) as i64);
        universe.at(in_ms, Event::Sleeps(by_ms));
    }
    if universe.chance.percent(15) {
        let in_ms = universe.chance.within(1, WILD_MS);
        universe.at(in_ms, Event::PowerFails);
    }
    (universe, profile, processes)
}
