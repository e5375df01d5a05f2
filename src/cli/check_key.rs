//! `viseme check-key`: whether a service takes the key, how far the clocks are apart, and what packages the account has. Costs nothing.

use serde_json::json;

use super::args::ServiceArgs;
use super::console::Console;
use super::interrupts::Interrupts;
use super::{Failed, connect, exit, report, words};
use crate::engine::{Engine, Recorder};
use crate::model::{Problem, ProblemKind, ServiceCheck};

/// Runs the command; returns the exit code.
pub async fn run(service: &ServiceArgs, console: &Console) -> Result<u8, Failed> {
    let mut interrupts = Interrupts::listen()?;
    let profile = connect::profile(service)?;
    let (setup, sandbox) = connect::connect(profile, service.key_stdin, None, console).await?;
    let profile = setup.profile.clone();
    let mut engine = Engine::new(tokio::runtime::Handle::current(), profile.clone(), || {});
    engine.connect(setup)?;
    console.say(&words::checking(&profile.base_url));
    let check = tokio::select! {
        check = engine.check() => check?,
        () = interrupts.next() => ServiceCheck {
            problem: Some(Problem::new(ProblemKind::Cancelled, words::check_stopped())),
            ahead_ms: None,
            packages: None,
        },
    };
    let requests = Recorder::requests(engine.recorder());
    if let Some(sandbox) = sandbox {
        drop(engine);
        sandbox.shutdown().await;
    }
    let key = match check.key_is_taken() {
        Some(true) => "accepted",
        Some(false) => "refused",
        None => "unknown",
    };
    if let Some(problem) = &check.problem {
        console.problem(problem);
    }
    let clock = check.clock_words();
    if check.problem.is_none() {
        console.result(&words::key_accepted(&profile.name, &profile.base_url))?;
        for line in clock.iter().cloned().chain(check.packages.iter().flatten().map(|it| words::package(it.words()))) {
            console.result(&line)?;
        }
    } else if let Some(clock) = &clock {
        console.say(clock);
    }
    let code = check.problem.as_ref().map_or(exit::DONE, exit::of);
    let object = json!({
        "profile": profile.name,
        "base_url": profile.base_url,
        "key": key,
        "clock_ahead_ms": check.ahead_ms,
        "packages": check.packages,
        "requests": requests,
        "problem": check.problem,
    });
    Ok(report::finish(console, object, code))
}
