//! `viseme speak`: a text becomes a voice of the service, by whose id a lip sync takes it. Paid.

use std::io::Read as _;

use serde_json::json;

use super::args::{JournalArgs, ServiceArgs, SpeakArgs};
use super::console::Console;
use super::files::check_writable;
use super::interrupts::Interrupts;
use super::{Failed, connect, exit, report, speech_list, words};
use crate::engine::{Engine, Recorder, speech_estimate, unit_of};
use crate::model::interval::clock_text;
use crate::model::speech::MAX_CHARS;
use crate::model::{Problem, ProblemKind, SavedFile, Speech, Spoken};

/// Runs the command; returns the exit code.
pub async fn run(
    args: SpeakArgs,
    service: &ServiceArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    if args.list {
        return speech_list::run(service, journal, console);
    }
    let mut interrupts = Interrupts::listen()?;
    let profile = connect::profile(service)?;
    let text = args.text.unwrap_or_default();
    if text == "-" && service.key_stdin {
        return Err(Problem::new(ProblemKind::Usage, words::input_has_key_and_text()).into());
    }
    let text = if text == "-" { text_of_input().await? } else { text };
    let speech = Speech { text, voice_id: args.voice.unwrap_or_default(), language: args.language, speed: args.speed };
    check(&speech, args.send_anyway, console)?;
    if let Some(out) = &args.out {
        check_writable(out)?;
    }
    let data = connect::data_folder(journal);
    let journaling = connect::journal(journal, true, console).await?;
    let (mut setup, sandbox) = connect::connect(profile, service.key_stdin, data.as_deref(), console).await?;
    setup.budget = args.budget.or(setup.budget);
    let profile = setup.profile.clone();
    let mut engine = Engine::new(tokio::runtime::Handle::current(), profile.clone(), || {});
    engine.connect(setup.with_journal(journaling))?;
    let (estimate, unit) = (speech_estimate(profile.dialect), unit_of(profile.dialect));
    console.say(&words::speaking(speech.chars(), &profile.name, estimate, unit));
    let spoken = tokio::select! {
        spoken = engine.speak(speech) => spoken,
        () = interrupts.next() => Err(Problem::new(ProblemKind::OutcomeUnknown, words::speech_stopped())
            .with_hint(words::speech_stopped_hint())),
    };
    let mut saved = None;
    let mut problem = spoken.as_ref().err().cloned();
    if let Ok(spoken) = &spoken {
        tell(spoken, console)?;
        if let Some(out) = args.out {
            let fetched = tokio::select! {
                fetched = engine.fetch_speech(spoken, out) => fetched,
                () = interrupts.next() => Err(Problem::new(ProblemKind::Cancelled, words::speech_not_saved())),
            };
            match fetched {
                Ok(file) => saved = Some(file),
                Err(err) => problem = Some(err),
            }
        }
    }
    let requests = Recorder::requests(engine.recorder());
    drop(engine);
    let service_stays = sandbox.as_ref().is_none_or(crate::sandbox::Sandbox::keeps_state);
    if let Some(sandbox) = sandbox {
        sandbox.shutdown().await;
    }
    if let Some(file) = &saved {
        console.result(&file.path.display().to_string())?;
    }
    if spoken.is_ok() && !service_stays {
        console.note(&words::speech_ends_with_the_sandbox());
    }
    if let Some(problem) = &problem {
        console.problem(problem);
    }
    let code = problem.as_ref().map_or(exit::DONE, exit::of);
    let spoken = spoken.ok();
    let object = json!({
        "profile": profile.name,
        "audio_id": spoken.as_ref().map(|spoken| &spoken.audio_id),
        "duration_ms": spoken.as_ref().and_then(|spoken| spoken.duration_ms),
        "url": spoken.as_ref().and_then(|spoken| spoken.url.as_ref()),
        "cost": spoken.as_ref().and_then(|spoken| spoken.cost.as_ref()),
        "estimate": estimate,
        "unit": unit,
        "saved": saved.as_ref().map(of_file),
        "requests": requests,
        "problem": problem,
    });
    Ok(report::finish(console, object, code))
}

/// What cannot be sent, and what should not be paid for without a second thought.
fn check(speech: &Speech, send_anyway: bool, console: &Console) -> Result<(), Problem> {
    if let Some(fault) = speech.fault() {
        return Err(fault);
    }
    match speech.doubt() {
        Some(doubt) if !send_anyway => {
            Err(Problem::new(ProblemKind::Rule, doubt).with_hint(words::speech_doubtful_hint()))
        }
        Some(doubt) => {
            console.warn(&doubt);
            Ok(())
        }
        None => Ok(()),
    }
}

/// The text that standard input has.
async fn text_of_input() -> Result<String, Problem> {
    connect::blocking(|| {
        let mut text = String::new();
        // Four bytes a character at most; one more shows that there are too many.
        let most = 4 * (MAX_CHARS as u64) + 64 * 1024;
        let read = std::io::stdin().take(most).read_to_string(&mut text);
        read.map_err(|err| Problem::new(ProblemKind::Usage, words::text_unreadable(err)))?;
        Ok(text)
    })
    .await
}

fn tell(spoken: &Spoken, console: &Console) -> Result<(), Problem> {
    console.result(&spoken.audio_id)?;
    if let Some(ms) = spoken.duration_ms {
        console.say(&words::spoken_length(clock_text(ms)));
    }
    if let Some(cost) = &spoken.cost {
        console.say(&words::cost(cost.text()));
    }
    Ok(())
}

fn of_file(file: &SavedFile) -> serde_json::Value {
    json!({ "path": file.path, "sha256": file.sha256, "size_bytes": file.size_bytes })
}
