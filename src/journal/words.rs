//! Every text of this floor that reaches a person.

crate::model::texts! {
    // The file.
    unwritable(place = "journal.db", why = "Permission denied") "The journal {place} cannot be written: {why}";
    unwritable_hint() "Make room or give viseme the right to write there, or name another folder with --data-dir";
    full(place = "journal.db") "The journal {place} cannot be written: the disk is full";
    full_hint() "Make room on the disk, then try again";
    busy(place = "journal.db") "The journal {place} is in use by another viseme, and did not become free within 5 s";
    busy_hint() "Try again; if it lasts, close the other viseme";
    corrupt(place = "journal.db", why = "database disk image is malformed") "The journal {place} is damaged: {why}";
    corrupt_hint() "Close every viseme and start again: the damaged file is set aside, and a new journal begins";
    newer(place = "journal.db", version = 9) "The journal {place} was written by a newer viseme (version {version} of the format): it is read, and nothing is written";
    newer_hint() "Install the newer viseme, or name another folder with --data-dir";
    not_durable(place = "journal.db", setting = "journal_mode=delete") "The journal {place} cannot be made safe against a loss of power on this file system ({setting})";
    not_durable_hint() "Name a folder on a local disk with --data-dir";
    set_aside(place = "journal.db", kept = "journal.corrupt.db", why = "file is not a database") "The journal {place} was damaged ({why}) and is kept as {kept}; a new one was begun";
    migrated(place = "journal.db", backup = "journal.db.before-1") "The journal {place} was brought to the form of this version; a copy of it as it was is {backup}";
    failed(why = "no such table: intents") "The journal failed: {why}";
    failed_hint() "Please report this";
    writer_failed(count = 3, why = "The disk is full") "{count} entries could not be written to the journal: {why}";
    writer_panicked(why = "index out of bounds") "The program itself failed while it wrote: {why}";
    writer_gone() "The thread that writes has ended";

    // Intents.
    impossible(what = "sent", intent = 7, state = "accepted") "Task {intent} of the journal cannot become {what}: it is {state}";
    impossible_hint() "Another viseme may have settled it: look at it in the history";
    not_yours(intent = 7) "Task {intent} of the journal is followed by another viseme that is running";
    not_yours_hint() "Look there, or close that viseme and try again";
    absent(intent = 7) "The journal has no task {intent}";
    absent_hint() "List the tasks with viseme tasks list";
    unfinished(intent = 7) "Task {intent} of the journal is not at its end: it cannot be deleted";
    unfinished_hint() "Wait for its end; one that waits in the queue, or of which it is not known whether the service took it, is closed with viseme tasks close";

    service_has_ended() "The sandbox that had it was started for a command, and ended with it";

    // Refusals: nothing was sent.
    name_used(name = "viseme-1") "The name {name} was used before for this service: no further task was created or paid";
    name_used_hint() "Choose another name: a name is never used for two tasks";
    name_open(name = "viseme-1") "A task was sent as {name} before, and whether the service took it is not known yet: it was not sent again";
    name_open_hint() "Settle that one first, from the history or with viseme tasks resume: under another name it may be paid twice";
    name_waits(name = "viseme-1") "The name {name} is that of a job that waits in the queue: no task was created or paid";
    name_waits_hint() "Let the queue send it, or remove it there; a name is never used for two tasks";
    no_slot(most = 3, used = 3) "The service runs {most} tasks at once for this account, and {used} are running: no task was sent";
    no_slot_hint() "Wait until one of them ends";
    over_budget(limit = "5", unit = "units", spent = "4.8", estimate = "0.55") "The budget of the day is {limit} {unit}: {spent} are spent or reserved, and this costs about {estimate}. It was not sent";
    over_budget_hint() "Raise it, in the window under Settings, Spending, on the command line with --budget; or wait until tomorrow";
}
