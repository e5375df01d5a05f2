//! The queue through the accessibility tree: while a task runs, the next ones are prepared, wait, and are saved.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::journal::{HistoryQuery, Journal, Phase};
use viseme::workflow::Stage;

use crate::history::{open_in, reopen};
use crate::support::Desk;

fn lines(desk: &Desk) -> Vec<String> {
    desk.harness.query_all_by_role(Role::ListItem).filter_map(|node| node.accesskit_node().label()).collect()
}

fn journal(desk: &Desk) -> Journal {
    Journal::open(&desk.folder.path().join("journal.db")).unwrap().journal
}

/// A window whose task runs at the sandbox for as long as the name says.
fn running(name: &str) -> Desk {
    let mut desk = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    desk.name_task(name);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("the task", |desk| desk.is_enabled("Prepare the next"));
    desk
}

fn open_queue(desk: &mut Desk) {
    desk.chord(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
    desk.wait("the queue", |desk| desk.has("Close the queue"));
}

#[test]
fn while_a_task_runs_the_next_are_prepared_wait_and_all_are_saved() {
    let mut desk = running("slow-8000:first");
    desk.button("Prepare the next").click();
    desk.wait("the placement", |desk| desk.is_enabled("Add to the queue"));
    assert!(matches!(desk.stage(), Stage::Choosing(_)), "face, voice and placement stay");
    desk.wait("it is followed", |desk| desk.has("Queue · 1 running"));

    // What is paused waits, and can be taken out again.
    open_queue(&mut desk);
    desk.button("Pause all").click();
    desk.wait("a halt", |desk| desk.is_enabled("Resume all"));
    desk.press(Key::Escape);
    // The same job as the one that runs goes in only after a question, by whichever key it is asked for.
    let question = "Send the same job once more?";
    for (waiting, modifiers) in [("1 paused", Modifiers::COMMAND), ("2 paused", Modifiers::COMMAND | Modifiers::SHIFT)]
    {
        desk.chord(modifiers, Key::Enter);
        desk.wait("a question", |desk| desk.has(question));
        assert!(desk.has("is at the service already") || desk.has("waits in the queue already"));
        desk.button("Send once more").click();
        desk.wait(waiting, |desk| desk.has(waiting) && !desk.has(question));
    }
    open_queue(&mut desk);
    desk.wait("three lines", |desk| lines(desk).len() == 3);
    assert!(lines(&desk)[1].starts_with("Face 2 of duo.mp4 with voice.mp3: Paused"), "{:?}", lines(&desk));
    assert!(desk.has("for what waits"), "the whole is estimated");
    let remove = "Remove Face 2 of duo.mp4 with voice.mp3 from the queue";
    desk.harness.query_all_by_role_and_label(Role::Button, remove).next().expect("a way out").click();
    desk.wait("two lines", |desk| lines(desk).len() == 2);
    desk.button("Resume all").click();
    desk.wait("both are saved", |desk| lines(desk).iter().all(|line| line.contains("Done, saved to")));
    // A row that is cut is shown whole once.
    let count = |desk: &Desk, words: &str| desk.harness.query_all_by_label(words).count();
    let row = desk
        .harness
        .query_all_by_label_contains("Done, saved to")
        .find(|node| node.accesskit_node().role() == Role::Label);
    let row = row.expect("the words of a row");
    let (words, at) =
        (row.accesskit_node().value().or_else(|| row.accesskit_node().label()).unwrap(), row.rect().center());
    let before = count(&desk, &words);
    desk.harness.hover_at(at);
    desk.harness.run_steps(60);
    assert_eq!(count(&desk, &words) - before, 1, "one tooltip for {words}");
    assert_eq!(std::fs::read_dir(desk.folder.path().join("results")).unwrap().count(), 2);
    let rows = journal(&desk).history(&HistoryQuery::default(), 9).unwrap().rows;
    let phases: Vec<Phase> = rows.iter().map(|row| row.phase).collect();
    assert_eq!(phases.iter().filter(|phase| **phase == Phase::Succeeded).count(), 2, "{phases:?}");
    assert_eq!(phases.iter().filter(|phase| **phase == Phase::Withdrawn).count(), 1, "{phases:?}");
    // That they ended is no news to the next window, also where this one is killed now.
    let journal = journal(&desk);
    let finished_ms = rows.iter().filter_map(|row| row.finished_ms).max();
    desk.wait("the window notes that it was seen", |_| {
        journal.desk("window").unwrap().unwrap().document["seen_ms"].as_i64() >= finished_ms
    });
    desk.harness.query_all_by_role_and_label(Role::Button, "Open result").next().expect("a result").click();
    desk.wait("the result in the player", |desk| desk.has("Picture of the result"));
    desk.wait("one at a time again", |desk| desk.is_enabled("Submit"));
}

#[test]
fn what_waits_when_the_window_is_closed_is_there_in_the_next_one_paused() {
    let mut desk = running("slow-60000:first");
    desk.button("Prepare the next").click();
    desk.wait("the placement", |desk| desk.is_enabled("Add to the queue"));
    open_queue(&mut desk);
    desk.button("Pause all").click();
    desk.press(Key::Escape);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("a question", |desk| desk.is_enabled("Send once more"));
    desk.button("Send once more").click();
    desk.wait("one waits", |desk| desk.has("1 paused"));
    let lost = desk.harness.state().view().lost_by_leaving().unwrap_or_default().join("\n");
    assert!(lost.contains("One task waits in the queue: it is there in the next window, paused"), "{lost}");
    let mut desk = reopen(desk);
    desk.wait("it is there again", |desk| desk.has("1 paused"));
    open_queue(&mut desk);
    desk.wait("why it waits", |desk| desk.has("These tasks waited when this service was last left"));
    let journal = journal(&desk);
    let waiting = journal.unfinished().unwrap().into_iter().find(|intent| intent.phase == Phase::Intended).unwrap();
    assert_eq!(waiting.sends, 0, "nothing of it was sent");
}
