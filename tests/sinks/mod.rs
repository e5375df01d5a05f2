//! Every place where texts leave the program, and the tests that send a canary there. Shared by `tests/house.rs`, which finds a place that is
//! not listed, and by whoever adds one.

/// A way out.
pub struct Sink {
    pub name: &'static str,
    /// What stands in the code of whatever uses it.
    pub written_as: &'static [&'static str],
    /// The files that do, below `src/`.
    pub files: &'static [&'static str],
    /// The tests in which a canary is sent there; for one that no text of a service or a key reaches, why.
    pub shown_by: Shown,
}

pub enum Shown {
    By(&'static [&'static str]),
    Never(&'static str),
}

pub const SINKS: &[Sink] = &[
    Sink {
        name: "terminal, results and JSON of the command line",
        written_as: &["io::stdout()", "ProgressDrawTarget::"],
        files: &["cli/console.rs"],
        shown_by: Shown::By(&["no_secret_leaves_the_command_line_whatever_a_service_echoes"]),
    },
    Sink {
        name: "messages on stderr, the log, and what a panic says",
        written_as: &["io::stderr()", "set_hook(", "tracing_subscriber::fmt"],
        files: &["cli/console.rs", "main.rs", "secrets/output.rs", "worker/guard.rs"],
        shown_by: Shown::By(&[
            "no_secret_leaves_the_command_line_whatever_a_service_echoes",
            "a_panic_and_the_log_are_redacted",
        ]),
    },
    Sink {
        name: "the sandbox's own keys, printed for whoever started it",
        written_as: &[".own_keys("],
        files: &["cli/sandbox.rs"],
        shown_by: Shown::Never("they are made up by this process and open nothing else"),
    },
    Sink {
        name: "exchanges, to inspector, cURL text and journal",
        written_as: &["set_sink("],
        files: &["service/recorder.rs", "engine/execute.rs"],
        shown_by: Shown::By(&["no_exchange_has_a_secret_in_any_form", "no_secret_is_in_the_window_or_its_inspector"]),
    },
    Sink {
        name: "what the journal is given",
        written_as: &[
            "write(Entry::",
            "journal.accepted(",
            "journal.begin_speech(",
            "journal.begin_part(",
            "journal.end_part(",
            "journal.end_speech(",
            "journal.part_progress(",
            "journal.save_desk(",
            "journal.save_preview(",
            "journal.save_session(",
            "journal.saved(",
            "journal.follow(",
            "journal.found(",
            "journal.name_taken(",
            "journal.refused(",
            "journal.send_intent(",
            "journal.unknown(",
        ],
        // Those that only ask for it are here too; what redacts are the files of `engine/journal_access`.
        files: &[
            "app/window/desk.rs",
            "engine/download.rs",
            "engine/execute.rs",
            "engine/journal_access/leftovers.rs",
            "engine/journal_access/mod.rs",
            "engine/journal_access/parts.rs",
            "engine/journal_access/queue.rs",
            "engine/journal_access/sessions.rs",
            "engine/journal_access/shared.rs",
            "engine/journal_access/speech.rs",
            "engine/speech.rs",
        ],
        shown_by: Shown::By(&[
            "no_secret_leaves_the_command_line_whatever_a_service_echoes",
            "no_secret_is_in_the_history_its_export_or_the_journal",
            "what_is_settled_of_an_earlier_process_has_no_key_in_the_journal",
            "a_speech_has_no_key_in_the_journal",
        ]),
    },
    Sink {
        name: "the clipboard",
        written_as: &["copy_text("],
        files: &["app/window/act.rs", "app/window/inspect.rs", "app/window/tasks.rs"],
        shown_by: Shown::By(&[
            "no_secret_is_in_the_window_or_its_inspector",
            "no_secret_is_in_the_history_its_export_or_the_journal",
        ]),
    },
    Sink {
        name: "what a window reads from the journal",
        written_as: &["Row::of(", "Detail::of("],
        files: &["app/platform/journal_reader.rs"],
        shown_by: Shown::By(&["no_secret_is_in_the_history_its_export_or_the_journal"]),
    },
    Sink {
        name: "the title of the window",
        written_as: &["with_title(", "ViewportCommand::Title"],
        files: &["app/mod.rs"],
        shown_by: Shown::Never("it is the program's name"),
    },
    Sink {
        name: "text files: a saved body of the inspector, a task of the history, settings",
        written_as: &["write_whole(", "background.write("],
        files: &[
            "app/platform/background.rs",
            "app/window/inspect.rs",
            "app/window/tasks.rs",
            "files/mod.rs",
            "preferences/file.rs",
            "journal/bodies.rs",
        ],
        shown_by: Shown::By(&[
            "no_exchange_has_a_secret_in_any_form",
            "no_secret_leaves_the_command_line_whatever_a_service_echoes",
            "no_secret_is_in_the_window_or_its_inspector",
            "no_secret_is_in_the_history_its_export_or_the_journal",
        ]),
    },
    Sink {
        name: "what the sandbox keeps to go on with",
        written_as: &["write_whole("],
        files: &["sandbox/records.rs"],
        shown_by: Shown::By(&["no_key_is_in_what_the_sandbox_keeps"]),
    },
    Sink {
        name: "the file of keys",
        written_as: &["write_whole("],
        files: &["secrets/key_file.rs"],
        shown_by: Shown::Never("it is where keys are kept, for their owner alone, after an explicit yes"),
    },
    Sink {
        name: "the keychain",
        written_as: &[".set_password("],
        files: &["secrets/keychain.rs"],
        shown_by: Shown::Never("it is where keys are kept"),
    },
    Sink {
        name: "files of the service's bytes, of our own pictures and sound",
        written_as: &["fs::write(", "File::create(", "WholeFile::create(", "WholeFile::at_part(", "write_whole("],
        files: &[
            "app/platform/background.rs",
            "cli/draft.rs",
            "cli/identify.rs",
            "engine/demo.rs",
            "engine/journal_access/voices.rs",
            "files/mod.rs",
            "files/run_folder.rs",
            "media/sound/wav.rs",
            "media/write/mp4.rs",
            "sandbox/file_store.rs",
            "sandbox/storage.rs",
            "sandbox/system_voice.rs",
            "service/fetch/writer.rs",
        ],
        shown_by: Shown::Never("results, previews and clips as they are: fetched without the key, or made here"),
    },
    Sink {
        name: "programs that are started",
        written_as: &["open::that", "open::commands(", "Command::new("],
        files: &["app/platform/opened.rs", "engine/storage/command.rs", "sandbox/system_voice.rs"],
        shown_by: Shown::By(&[
            "an_opened_program_gets_no_key",
            "the_storage_command_gets_no_key",
            "the_system_voice_gets_no_key",
        ]),
    },
];
