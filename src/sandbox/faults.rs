//! Faults on demand: a value in the request chooses what goes wrong, as in Stripe's test mode.
//!
//! A fault is written `WORD` or `WORD:anything`, in the header `X-Viseme-Fault` of any request, or as the
//! `external_task_id` of a create (where the part after the colon keeps the id unique). Two faults are joined by a comma in
//! the header. None of this is part of a real service; it is described in the `OpenAPI` document.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::words;

/// The header that carries faults.
pub const HEADER: &str = "x-viseme-fault";
/// No answer is held back longer than this.
const MAX_DELAY: Duration = Duration::from_mins(10);

/// What happens instead of the usual, or in addition to it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Fault {
    /// `error-CODE`: the request is refused with a documented code.
    Refuse(Refusal),
    /// `http-STATUS`: a proxy's HTML page with that status; the request is not carried out.
    Proxy(u16),
    /// `delay-MS`: the answer is held back.
    Delay(Duration),
    /// `lose`: the request is carried out, and the connection breaks before the answer is whole.
    Lose,
    /// `garble`: the request is carried out, and the answer is no JSON.
    Garble,
    /// `fail:REASON`: the task is accepted, and fails.
    Fail(String),
    /// `hang`: the task is accepted, and stays in processing until the sandbox ends.
    Hang,
    /// `queue`: the task is accepted, and is never begun.
    Queue,
    /// `slow-MS`: the task takes that much longer.
    Slow(Duration),
    /// `refuse-m4a`: an m4a or aac voice is refused, as real services were seen to do.
    RefuseM4a,
    /// `inner-CODE`: a `kirin` identify completes, and the document inside has that code.
    Inner(u16),
    /// `plain-error`: a failed `kirin` task has a plain string as its `error`.
    PlainError,
}

/// The faults of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Reads the header. An unknown word is refused, for a test whose fault never happens passes for the wrong reason.
    ///
    /// # Errors
    /// A word is unknown.
    pub fn of_header(header: &str) -> Result<Self, Refusal> {
        let words = header.split(',').map(str::trim).filter(|word| !word.is_empty());
        words
            .map(|word| {
                read(word).ok_or_else(|| {
                    Refusal::field("X-Viseme-Fault", words::no_such_fault(format_args!("{word:?}"), known()))
                })
            })
            .collect::<Result<Vec<_>, _>>()
            .map(Self)
    }

    /// Adds the fault an `external_task_id` asks for, where it asks for one.
    #[must_use]
    pub fn with_external_task_id(mut self, external_task_id: Option<&str>) -> Self {
        self.0.extend(external_task_id.filter(|id| id.contains(':')).and_then(read));
        self
    }

    /// The first that `pick` picks.
    pub fn find<'a, T>(&'a self, pick: impl Fn(&'a Fault) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(pick)
    }

    /// Whether `fault` is among them.
    pub fn has(&self, fault: &Fault) -> bool {
        self.0.contains(fault)
    }

    /// How long the answer is held back.
    pub fn delay(&self) -> Option<Duration> {
        self.find(|fault| if let Fault::Delay(by) = fault { Some(*by) } else { None })
    }

    /// How much longer the task takes.
    pub fn slow(&self) -> Option<Duration> {
        self.find(|fault| if let Fault::Slow(by) = fault { Some(*by) } else { None })
    }

    /// The refusal that is asked for.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.find(|fault| if let Fault::Refuse(refusal) = fault { Some(refusal) } else { None })
    }
}

/// How each fault is written.
const WRITTEN: [&str; 12] = [
    "error-CODE",
    "http-STATUS",
    "delay-MS",
    "lose",
    "garble",
    "fail:REASON",
    "hang",
    "queue",
    "slow-MS",
    "refuse-m4a",
    "inner-CODE",
    "plain-error",
];

/// The list of faults, for people.
fn known() -> String {
    WRITTEN.join(", ")
}

fn read(word: &str) -> Option<Fault> {
    let (name, rest) = word.split_once(':').unwrap_or((word, ""));
    let wait = |ms: &str| ms.parse().ok().map(|ms| Duration::from_millis(ms).min(MAX_DELAY));
    if let Some((name, value)) = name.rsplit_once('-') {
        let fault = match name {
            "error" => value.parse().ok().and_then(Refusal::documented).map(Fault::Refuse),
            "http" => value.parse().ok().filter(|status| (400..600).contains(status)).map(Fault::Proxy),
            "delay" => wait(value).map(Fault::Delay),
            "slow" => wait(value).map(Fault::Slow),
            "inner" => value.parse().ok().map(Fault::Inner),
            _ => None,
        };
        if fault.is_some() {
            return fault;
        }
    }
    match name {
        "lose" => Some(Fault::Lose),
        "garble" => Some(Fault::Garble),
        "fail" => Some(Fault::Fail(if rest.is_empty() { words::failed_on_demand() } else { rest.into() })),
        "hang" => Some(Fault::Hang),
        "queue" => Some(Fault::Queue),
        "refuse-m4a" => Some(Fault::RefuseM4a),
        "plain-error" => Some(Fault::PlainError),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_strictly() {
        let faults = Faults::of_header("delay-50, error-1303").unwrap();
        assert_eq!(faults.delay(), Some(Duration::from_millis(50)));
        assert_eq!(faults.refusal().map(|refusal| refusal.code), Some(1303));
        for unknown in ["nonsense", "error-9999", "http-200", "delay-soon"] {
            assert!(Faults::of_header(unknown).unwrap_err().message.contains(unknown));
        }
    }

    #[test]
    fn every_written_fault_is_known_and_a_refusal_lists_them() {
        for written in WRITTEN {
            let word =
                written.replace("CODE", "1303").replace("STATUS", "503").replace("MS", "5").replace("REASON", "x");
            assert!(read(&word).is_some(), "{word}");
            assert!(Faults::of_header("nonsense").unwrap_err().message.contains(written), "{written}");
        }
    }

    #[test]
    fn an_external_task_id_asks_only_with_a_colon() {
        let of = |id| Faults::default().with_external_task_id(Some(id));
        assert!(of("fail:lips not visible").has(&Fault::Fail("lips not visible".into())));
        assert!(of("error-5000:run-7").refusal().is_some());
        assert_eq!(of("fail"), Faults::default());
        assert_eq!(of("order:7"), Faults::default());
    }
}
