//! Every text of this floor that reaches a person.

crate::model::texts! {
    speech_without_address() "The service named no address for what it spoke: it can be used by its id, and not be heard here";
    // Copies of what is at an address.
    copy_hint() "Open the address in a browser: what comes there is what the service gets";
    address_gone_hint() "The file was moved or deleted, or the address is mistyped: a service gets nothing from it either. Enter where the file is now";
    address_expired(when = "2026-11-21 18:51", why = "The service at s3.example.com refuses the download: Request has expired") "This address was signed, and valid until {when}. {why}";
    address_expired_hint() "Have a new one made where it comes from, valid for as long as the service may take to fetch it, and enter that";
    address_refused_hint() "A signed address may have expired, or the file is only for those who are signed in: a service gets no more than this machine. Have an address made that needs neither";
    address_busy_hint() "Try it again in a while: until then a service may not get it either";
    copy_not_kept(folder = "~/.cache/viseme/fetched", err = "permission denied") "The folder for fetched copies {folder} cannot be used: {err}";
    copy_unreadable(path = "clip.mp4", err = "No such file or directory") "The copy {path} cannot be read: {err}";
    part_there_and_here(there = "12.4 s", here = "9 s") "{there} at the address, {here} here";
    copy_same() "The same file as at the address";
    copy_other_content() "Another file than at the address: it has the same size, and begins otherwise";
    copy_other(what = "12.4 s at the address, 9 s here") "Another file than at the address: {what}";
    copy_encoded_otherwise(what = "12.3 MB at the address, 14.0 MB here") "As long and as large as at the address, and encoded otherwise: {what}";
    copy_begins_alike() "It begins as at the address; how long that is in all, its server does not say";
    copy_begins_otherwise() "It begins otherwise than at the address; how long that is in all, its server does not say";
    copy_not_known(what = "12.3 MB at the address, 14.0 MB here") "Not the same file as at the address, and perhaps the same encoded otherwise: {what}";

    // Faces that were found before.
    faces_of_another_key(from = "2026-11-21 18:51") "The faces of this clip were found at {from} with another key, which may be of another account: a session belongs to its account";
    faces_of_another_key_hint(until = "2026-11-22 18:51") "Finding them with this key is paid once more; with that key they cost nothing until {until}";
    clip_was_replaced(what = "12300000 bytes then, 14000000 now") "Another clip is at this address than when its faces were found: {what}";
    clip_file_was_replaced(name = "clip.mp4") "The file {name} is another clip than when its faces were found";
    clip_was_replaced_hint(from = "2026-11-21 18:51") "The faces of {from} are not of this clip: find them anew";
    clip_was_replaced_paid_hint(from = "2026-11-21 18:51") "The faces of {from} are not of this clip; finding them anew is paid once more";
    clip_not_compared() "Whether this address still has the clip of these faces is not known";
    clip_not_compared_hint(why = "Nothing was fetched from it before they were found", next = "Fetch the clip for the preview and look at it, or find the faces again") "{why}. {next}";
    part_look_or_find() "Fetch the clip for the preview and look at it, or find the faces again";
    part_never_seen(from = "2026-11-21 18:51") "Nothing was fetched from it before they were found at {from}";
    part_unmarked() "Its server says nothing by which that could be told";
    part_bytes_then_and_now(then = 12_300_000, now = 14_000_000) "{then} bytes then, {now} now";
    part_changed(when = "Sat, 21 Nov 2026 18:51:00 GMT") "it was changed on {when}";
    part_other_version() "its server names another version of it";

    not_connected() "The service is not connected yet";
    not_connected_hint() "Choose a service and give its key; the sandbox takes a moment to start";
    not_changed(why = "The task is being created") "The service cannot be changed now. {why}";
    leave_first(task_id = "t-1") "Task {task_id} is not at its end: leave it first";
    identify_late(seconds = 300) "The service has not answered identify within {seconds} s";
    identify_late_hint() "It may have been paid all the same. Wait longer for them, or find the faces again, which may be paid once more";
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

    // Storage of one's own.
    half_a_storage_pair(set = "VISEME_STORAGE_ACCESS_KEY", missing = "VISEME_STORAGE_SECRET_KEY") "The variable {set} is set and {missing} is not: the storage needs both";
    storage_needs_a_pair() "A bucket has two keys, and one was entered";
    storage_needs_a_pair_hint() "Enter the access key on one line and the secret key on the next";
    storage_no_program() "The command of the storage names no program";
    storage_program_missing(program = "rclone") "There is no program {program} on this machine";
    storage_command_failed(program = "rclone", why = "Failed to create file system: didn't find section in config file") "The command {program} did not upload the file: {why}";
    storage_command_hint() "Try it in a terminal, with its arguments as `viseme storage show` has them; it must print the address on a line of its own";
    storage_command_stopped(program = "rclone") "The command {program} was stopped";
    storage_path_unusable(path = "clip.mp4") "The name of {path} cannot be given to a program: it is no Unicode";
    storage_command_has_no_list(program = "rclone") "What {program} has uploaded is not known here";
    storage_command_has_no_list_hint() "List and delete it with the program itself, where it uploads to: `viseme storage show` has its arguments. Of a bucket (`viseme storage set`) what lies there is listed";
    storage_no_test_file(err = "No space left on device") "A file for the check cannot be written: {err}";
    storage_list_is_wrong(name = "clips at s3.example.com") "The list of {name} is not as it should be: it has no file that was put there, or has one that was deleted";
    part_without_words() "it ended without a word";
    part_no_address() "it printed no address";

    // The journal.
    accepted_not_written(task_id = "t-1", problem = "The journal cannot be written: the disk is full") "The id of task {task_id} was not written down. {problem}";
    accepted_not_written_hint() "The task is followed all the same; keep its id, in case this program ends before it";
    end_not_written(task_id = "t-1", problem = "The journal cannot be written: the disk is full") "That task {task_id} is at its end was not written down. {problem}";
    end_not_written_hint() "Nothing is lost; the task is offered again as unfinished";
    followed_elsewhere(task_id = "t-1") "Task {task_id} is followed by another viseme, or was until less than 30 s ago";
    followed_elsewhere_hint() "Look there. If that viseme was killed, try again in half a minute";
    settled_elsewhere(name = "mine-7") "Another viseme that is running is settling what became of {name}";
    settled_elsewhere_hint() "Look there; or close it and try again";
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
    voice_not_kept(folder = "/data/viseme/voices", err = "No space left on device (os error 28)") "The voice as WAV cannot be kept in {folder} until its turn comes: {err}";
    voice_not_kept_hint() "Make room there, or send the original voice";
    no_results_folder(folder = "~/Videos/viseme", err = "permission denied") "The folder for results {folder} cannot be created: {err}";
    not_readable() "What was to be sent cannot be read from the journal";
    session_is_over() "The session of its faces is over: the service keeps it for 24 hours. Nothing was sent";
    session_is_over_hint() "Run it again from the history, which finds the faces anew";
    journal_died() "The program itself failed while it used the journal";
}
