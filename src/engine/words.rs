//! Every text of this floor that reaches a person.

crate::model::texts! {
    not_connected() "The service is not connected yet";
    not_connected_hint() "Choose a service and give its key; the sandbox takes a moment to start";
    not_changed(why = "The task is being created") "The service cannot be changed now. {why}";
    leave_first(task_id = "t-1") "Task {task_id} is not at its end: leave it first";
    identify_late(seconds = 300) "The service has not answered identify within {seconds} s";
    identify_late_hint() "Find the faces again, or wait longer for them";
    no_temporary_folder(folder = "/tmp", err = "No space left on device") "The temporary folder {folder} cannot be used: {err}";
    no_temporary_folder_hint() "Set TMPDIR to a folder that can be written";
    failed() "The program itself failed at this";
    failed_hint() "Try again; if it fails again, please report it";
    probe_failed() "The program failed while it read the file";
    probe_failed_hint() "Please report this file";

    // Keys from the environment.
    half_a_pair(set = "VISEME_ACCESS_KEY", missing = "VISEME_SECRET_KEY") "The variable {set} is set and {missing} is not: a signed token needs both";
    key_unusable(variable = "VISEME_KEY", why = "The key ends with a line break") "The key in {variable} cannot be used: {why}";
    part_from_keychain() "from the keychain";
    part_from_environment(variable = "VISEME_KEY") "from {variable}";
    part_from_input() "from standard input";
    part_from_file(path = "~/.config/viseme/keys.json") "from the file {path}";
    no_key_entered(lines = 0) "Standard input has {lines} lines, and a key is one line, or two: an access key and a secret key";
    no_key_entered_hint() "Pipe it in, so that it stands in no command: a password manager that prints it, or `read -rs KEY; printf '%s\\n' \"$KEY\"`";
    key_file_failed(path = "~/.config/viseme/keys.json", err = "permission denied") "The file of keys {path} cannot be used: {err}";
    key_hint(text = super::KEY_HINT) "{text}";

    // The journal.
    accepted_not_written(task_id = "t-1", problem = "The journal cannot be written: the disk is full") "The id of task {task_id} was not written down. {problem}";
    accepted_not_written_hint() "The task is followed all the same; keep its id, in case this program ends before it";
    end_not_written(task_id = "t-1", problem = "The journal cannot be written: the disk is full") "That task {task_id} is at its end was not written down. {problem}";
    end_not_written_hint() "Nothing is lost; the task is offered again as unfinished";
    followed_elsewhere(task_id = "t-1") "Task {task_id} is followed by another viseme, or was until less than 30 s ago";
    followed_elsewhere_hint() "Look there. If that viseme was killed, try again in half a minute";
    downloaded_elsewhere() "This result is being downloaded by another viseme, or was until less than 30 s ago";
    downloaded_elsewhere_hint() "Look there, or save it again once that one has ended";
    // Results that go soon: when.
    part_by_now() "by now";
    part_within_the_hour() "within the hour";
    part_in_an_hour() "in an hour";
    part_in_hours(hours = 7) "in {hours} hours";
    part_in_days(days = 2) "in {days} days";

    // The queue.
    no_queue() "Nothing can wait for a free slot here: this window has no journal in which it would be kept, or no service";
    no_queue_hint() "Connect to a service, or submit one task after the other";
    no_results_folder(folder = "~/Videos/viseme", err = "permission denied") "The folder for results {folder} cannot be created: {err}";
    not_readable() "What was to be sent cannot be read from the journal";
    session_is_over() "The session of its faces is over: the service keeps it for 24 hours. Nothing was sent";
    session_is_over_hint() "Run it again from the history, which finds the faces anew";
    journal_died() "The program itself failed while it used the journal";
}
