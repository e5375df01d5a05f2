//! Every text of the command line that is not in the help of its arguments: one function each, and all of them in one list. A key that begins with `part_` is
//! a part of a line.

crate::model::texts! {
    // Kinds of messages.
    part_error_line(text = "The task id is empty") "error: {text}";
    part_warning_line(text = "The service gave no preview of face 1") "warning: {text}";
    part_note_line(text = "There is no result yet: --wait waits for it") "note: {text}";
    part_hint_line(text = "Give another name") "hint: {text}";

    // Arguments.
    not_a_duration(text = "5 parsecs") "\"{text}\" is not a duration: write a number and a unit, as in 10m, 5s or 250ms";
    not_a_key() "A key consists of letters, digits and signs, without spaces";
    option_without_meaning(option = "--profile", command = "profiles") "{option} has no meaning for `viseme {command}`, which uses no service";
    help_hint() "`viseme help` lists every command, and `viseme help COMMAND` its options";
    no_command(name = "frobnicate") "There is no command {name}";
    commands(names = "demo, identify, run") "The commands are {names}";
    no_man_page(err = "formatter error") "The manual page cannot be written: {err}";
    no_profile(name = "klingon") "No profile is called {name}";
    no_profile_hint(names = "sandbox, ezmodel, kling, vtrix") "The profiles are {names}; --base-url, --prefix and --dialect reach any other service";
    end_is_needed() "The length of a voice at an address or by an id is not known here, so --end must be given";
    end_is_needed_hint() "Give --end MS: the time in the voice at which it stops, in milliseconds";
    empty_external_task_id() "--external-task-id is empty";
    leave_it_out() "Leave it out for a new one";
    callback_is_no_address(address = "nowhere") "--callback-url \"{address}\" is not an address";
    address_hint() "An address begins with http:// or https://";
    empty_task_id() "The task id is empty";

    // Storage of one's own.
    storage_set(name = "clips at s3.example.com") "The storage is {name}. `viseme storage check` tries it; --storage uses it";
    storage_forgotten(name = "clips at s3.example.com") "The storage {name} is forgotten; what lies there stays";
    storage_not_set() "No storage is set up";
    storage_not_set_hint() "Set up a bucket with `viseme storage set`, or a program that prints an address with `viseme storage command`";
    storage_no_keys(name = "clips at s3.example.com") "There are no keys for the storage {name}";
    storage_no_keys_hint() "Keep them in the keychain with `viseme storage set`, or set VISEME_STORAGE_ACCESS_KEY and VISEME_STORAGE_SECRET_KEY in the environment";
    storage_keys_are_typed() "Enter the access key on a line and the secret key on the next, and end with Ctrl+D (Ctrl+Z on Windows). They show on the screen: to avoid that, pipe them in";
    storage_keys_not_kept(why = "there is no keychain here") "The keys of the storage are not kept: {why}";
    storage_keys_not_kept_hint() "Unlock the keychain; or give them in the environment (VISEME_STORAGE_ACCESS_KEY, VISEME_STORAGE_SECRET_KEY) with --no-keys; or keep them in a file that you alone may read: --file --yes";
    storage_tidied(count = 1) "Deleted from the storage: {count}";
    storage_not_tidied(problem = "The storage clips at s3.example.com does not allow it") "What was put into the storage still lies there, and `viseme storage clean` deletes it. {problem}";
    storage_check_put(name = "clips at s3.example.com") "A file was put into {name} and fetched from its address";
    storage_argument_is_relative(argument = "upload.py") "The argument {argument} is a file of this folder: the command finds it only from here. Give its whole path where it is to work from anywhere";
    storage_check_address(until = "2026-11-22 18:51:30") "An address that is signed now holds until {until}";
    storage_check_gone() "It was listed, and deleted again";
    storage_cleaned(count = 2, left = 1) "Deleted: {count}. Left: {left}";
    settings_unwritable(path = "settings.json", err = "permission denied") "The settings in {path} cannot be changed: {err}";
    part_deleted_after() "deleted once a task of them has succeeded";
    part_kept_after() "stay";
    finding_faces_stored(until = "2026-11-22 18:51:30") "Finding faces… the address of the clip holds until {until}";

    // Files for the window.
    open_missing(file = "/videos/clip.mp4") "{file} does not exist";
    open_missing_hint() "Check the path. The commands are listed by `viseme help`";
    open_folder(file = "/videos") "{file} is a folder";
    open_unreadable(file = "/videos/clip.mp4", err = "Permission denied (os error 13)") "{file} cannot be opened: {err}";
    open_hint() "Give a clip (MP4, MOV), a voice (MP3, WAV, M4A, AAC, FLAC, Ogg, Opus), or one of each";

    // Keys and services.
    profile_added(name = "acme", address = "https://api.example.com/kling") "The service {name} is known from now on: {address}";
    profile_removed(name = "acme") "The service {name} is not known any more. Its tasks stay in the journal";
    profile_key_not_forgotten(name = "acme", why = "the keychain is locked, or did not answer within 3 s") "The service {name} stays, since its key cannot be removed: {why}";
    profile_key_not_forgotten_hint() "Unlock the keychain and try again; --keep-key removes the service alone, and leaves the key where it is";
    profile_refused(option = "--base-url", why = "An address begins with https://") "The value of {option} cannot be used. {why}";
    profile_in_the_clear(name = "acme") "The service {name} is reached without encryption: anybody on the way can read the key. An address that begins with https:// is safe";
    profile_replace_hint(name = "acme") "`viseme profiles add {name} --replace` changes it, with the options that are to be different";
    profile_refused_hint() "`viseme help profiles add` lists what a service of your own has";
    no_own_profile(name = "acme") "No service of your own is called {name}";
    no_own_profiles_hint() "There is none yet: `viseme profiles add` adds one. Those that come with the program stay";
    own_profiles_hint(names = "acme, judge") "Yours are {names}; those that come with the program stay";
    bad_base_url(err = "An address begins with https://") "The address after --base-url cannot be used. {err}";
    no_service_key(profile = "kling") "There is no key for {profile}";
    no_service_key_hint(profile = "kling") "Keep it in the keychain with `viseme key set --profile {profile}`, or set VISEME_KEY, or VISEME_ACCESS_KEY and VISEME_SECRET_KEY (signed tokens), in the environment";
    no_key_for_sandbox() "The sandbox makes up its own key: none is kept for it";
    key_comes(profile = "kling", source = "from the keychain") "The key for {profile} comes {source}";
    which_service() "It is not said of which service the key is";
    which_service_hint(names = "kling, ezmodel") "Name it with --profile: {names}";
    keychain_absent(why = "the keychain is locked, or did not answer within 3 s") "No key is taken from the keychain: {why}";
    input_unreadable(err = "stream did not contain valid UTF-8") "The key cannot be read from standard input: {err}";
    input_in_window() "The window reads no key from standard input";
    input_in_window_hint() "Enter it in the window, where it can be remembered; or keep it with `viseme key set`, or set VISEME_KEY";
    key_is_typed() "Enter the key on a line, and end with Ctrl+D (Ctrl+Z on Windows). It shows on the screen: to avoid that, pipe it in";
    key_kept(profile = "kling", source = "from the keychain") "The key for {profile} is kept; from now on it comes {source}";
    key_not_kept(why = "there is no keychain here") "The key is not kept: {why}";
    key_not_kept_hint() "Unlock the keychain, set VISEME_KEY in the environment, or keep the key in a file that you alone may read: --file --yes";
    file_needs_yes(path = "~/.config/viseme/keys.json") "In {path} every program that you run can read the key";
    file_needs_yes_hint() "Keep it in the keychain, without --file; or say --yes too";
    key_forgotten(profile = "kling") "The key for {profile} is forgotten";
    key_not_known(profile = "kling") "No key for {profile} is kept here";
    key_not_forgotten(why = "the keychain is locked, or did not answer within 3 s") "Whether the keychain has a key is not known: {why}";
    no_sandbox_key(base_url = "http://127.0.0.1:8080") "There is no key for the sandbox at {base_url}";
    no_sandbox_key_hint() "Set VISEME_KEY to the key that `viseme sandbox` prints, or leave --base-url out to start a sandbox for this command";
    poll_interval_raised(profile = "kling") "--poll-interval is raised to 1s: {profile} is a real service, and is asked once a second at most";
    sandbox_started(base_url = "http://127.0.0.1:41213") "Sandbox started for this command at {base_url}";
    own_sandbox_ends() "The sandbox was started for this command and ends with it now, and the task with it. Start `viseme sandbox` and give its address with --base-url for tasks that outlive a command";
    own_sandbox_goes_on(command = "viseme task 123456789012345678 --wait") "The sandbox was started for this command and ends with it now. It keeps the task, and begins it anew when it is started again: {command}";
    no_wait_in_vain() "The sandbox of this command ends with it, and so would the task: nothing was sent";
    no_wait_in_vain_hint() "Leave --no-wait out, or start `viseme sandbox` and give its address with --base-url";
    account_of_own_sandbox() "Another viseme has the sandbox of the data folder. What follows is the account of a sandbox that was started for this command, at which nothing was done: close the other one and ask again for that of the data folder";
    own_sandbox_is_alone() "The sandbox of this command has a state of its own, which ends with it: another viseme has the one in the data folder, or that cannot be written";
    part_built_in() "built in";
    part_no_key() "no key";
    keys(key = "VISEME_KEY", pair = "VISEME_ACCESS_KEY and VISEME_SECRET_KEY") "{key}, or {pair}";
    secret_unusable(source = "VISEME_SANDBOX_KEY", why = "a key has no spaces") "The key in {source} cannot be used: {why}";
    sandbox_key_too_short(least = 8) "A key of the sandbox has at least {least} characters: shorter ones cannot be told from other text where keys are masked, and viseme itself refuses them";
    half_a_sandbox_pair() "Signed tokens need both the access key and the secret key of the sandbox, and one of them is missing";
    listens_beyond_this_machine() "The sandbox listens beyond this machine: anybody who knows its key can have it fetch addresses from here";
    runs_until_interrupted() "Runs until Ctrl-C";
    stopping() "Stopping";

    // The program and its system.
    stdout_unwritable(err = "No space left on device (os error 28)") "Standard output cannot be written: {err}";
    no_signals(err = "Too many open files (os error 24)") "The system gives no signals: {err}";
    no_runtime(err = "Resource temporarily unavailable (os error 11)") "The runtime did not start: {err}";

    // The check of a service.
    checking(base_url = "https://api-singapore.klingai.com") "Asking {base_url} for a task that cannot exist…";
    check_stopped() "Stopped: nothing was checked";
    key_accepted(profile = "kling", base_url = "https://api-singapore.klingai.com") "The key is accepted by {profile} ({base_url})";
    not_a_speed(text = "fast", least = 0.8, most = 2.0) "\"{text}\" is not a speed: write a number from {least} to {most}";
    input_has_key_and_text() "Standard input has either the key or the text: give the key in the environment or the keychain, or the text as an argument";
    text_unreadable(err = "stream did not contain valid UTF-8") "The text cannot be read from standard input: {err}";
    speaking(chars = 120, profile = "kling", estimate = 0.05, unit = "units") "Having {chars} characters spoken by {profile}; estimate {estimate} {unit}…";
    no_speeches() "Nothing was spoken yet";
    speech_doubtful_hint() "Make the text longer or shorter, change --speed, or send it all the same with --send-anyway";
    speech_stopped() "Stopped before the answer came: it is not known whether the text was spoken. If it was, it is paid, and its voice cannot be found again";
    speech_stopped_hint() "Look into the account before speaking it once more: viseme account shows what was deducted";
    speech_not_saved() "Stopped: the sound was not saved. The voice is at the service under its id";
    speech_ends_with_the_sandbox() "The sandbox was started for this command, and its voice ends with it. Start `viseme sandbox` and give its address with --base-url for voices that outlive a command";
    spoken_length(length = "0:03.500") "Length: {length}";
    cost(cost = "0.50 units ($0.07)") "Cost: {cost}";
    cost_in_sandbox(line = "Cost: 0.50 units ($0.07)") "{line}; the sandbox only counts it, and nobody pays";
    cost_of_stages(cost = "0.55 units ($0.077)", identify = "0.05 units ($0.007)", lip_sync = "0.50 units ($0.07)") "Cost: {cost}; of that identify {identify}, lip sync {lip_sync}";
    asking_account(profile = "kling") "Asking {profile} for the account…";
    account_stopped() "Stopped: the account is not known";
    account_at_once(count = 5) "Tasks at once: {count}";
    account_not_json() "The account cannot be written as JSON";
    nothing_deducted(days = 30) "Nothing was deducted in the last {days} days";
    ledger_not_whole(count = 5_000) "There are more deductions than these {count}: --days N shows fewer days";
    part_estimated(amount = "0.50 units") "estimated {amount}";
    package(words = "Video-5Con-30Days, online, 995.5 of 1000 units left") "Package: {words}";

    // Files that are written.
    unwritable(file = "/videos/out.mp4", why = "it is a folder") "{file} cannot be written: {why}";
    part_is_folder() "it is a folder";
    part_is_device() "it is a device or a pipe, not a file";
    part_is_dangling_link() "it is a link that leads nowhere";
    part_is_no_file_name() "it is not the name of a file";
    part_folder_missing() "its folder does not exist";
    part_is_read_only() "the existing file is read-only";
    part_writing_not_allowed() "writing there is not allowed";
    give_file_name() "Give the name of a file";
    give_other_name() "Give another name";
    create_folder() "Create the folder, or choose another";
    choose_other_folder() "Choose another folder";
    choose_previews_folder() "Choose another folder for --previews";
    choose_out_folder() "Choose another folder with --out";
    set_tmpdir() "Set TMPDIR to a folder that can be written";
    folder_not_created(folder = "faces", err = "Permission denied (os error 13)") "The folder {folder} cannot be created: {err}";
    demo_not_unpacked(folder = "/tmp", err = "No space left on device (os error 28)") "The demo cannot be unpacked to {folder}: {err}";

    // Clip, voice, faces.
    demo() "The bundled clip has two faces; the first one is made to speak";
    clip(container = "mp4", width_px = 1280, height_px = 720, length = "0:09.000", fps = 25.0, codec = "H.264", sound = "no sound")
        "Clip: {container}, {width_px}×{height_px}, {length}, {fps:.3} fps, {codec}, {sound}";
    part_sound(codec = "AAC") "sound {codec}";
    part_no_sound() "no sound";
    voice(format = "mp3", length = "0:08.259", rate_hz = 44_100) "Voice: {format}, {length}, {rate_hz} Hz";
    as_wav_hint() "--as-wav sends it as WAV";
    rule(rule = "R6", why = "the overlap of 2010 ms is within 50 ms of the least") "{rule}: {why}";
    rule_unchecked(rule = "R5", why = "the length of the clip is not known") "{rule} is not checked: {why}";
    rule_sent_anyway(message = "R2: The crop is at least 2 s — 1500 - 0 = 1500 ms < 2000 ms") "Sent anyway: {message}";
    faces_recalled(from = "2026-11-22 14:03", until = "2026-11-23 14:03") "These are the faces of the session of {from}, which is valid until {until}, of the clip as it was then: nothing was asked or paid. --find-again finds them anew";
    recalled_refused_hint() "The faces were those of an earlier session: --find-again finds them anew, which is paid";
    faces_found(count = 2) "Faces found: {count}";
    no_face_found(hint = "Use a clip in which a face is seen well for two seconds") "Faces found: 0. {hint}";
    faces_not_found() "The faces were not found";
    part_the_face() "the face";
    part_face_number(number = 2) "Face {number}";
    face(number = 2, count = 3, id = "1f", when = "0:02.000 to 0:07.000") "{number} of {count} (id {id}), {when}";
    interval(start = "0:02.000", end = "0:07.000") "{start} to {end}";
    part_no_interval() "the service gave no interval, so the whole clip is assumed";
    face_line(face = "2 of 3 (id 1f), 0:02.000 to 0:07.000") "Face: {face}";
    face_is_id(name = "2", other = "x") "--face {name} is taken as an id; the face with number {name} has the id {other}";
    no_face_chosen(count = 2, faces = "1 of 2 (id a), 0:00.000 to 0:09.000; 2 of 2 (id b), 0:02.000 to 0:07.000") "The clip has {count} faces, and none is chosen. The faces are: {faces}";
    face_is_not_the_only_one(count = 2, faces = "1 of 2 (id a), 0:00.000 to 0:09.000; 2 of 2 (id b), 0:02.000 to 0:07.000") "The clip has {count} faces, and the row asks for the only one. The faces are: {faces}";
    choose_face_of_row_hint(id = "b") "Name one in the row, by its number or by its id: \"face\": 1, or \"face\": \"{id}\"";
    no_such_face(name = "7", faces = "1 of 1 (id a), 0:00.000 to 0:09.000") "There is no face {name}. The faces are: {faces}";
    choose_face_hint() "Choose one with --face, by id or by number from 1; in a row of a batch, with \"face\"";
    preview_failed(number = 1, problem = "The address serves a web page, and no picture") "There is no preview of face {number}: {problem}";
    no_preview(number = 1) "The service gave no preview of face {number}";
    previews_can_be_saved() "The sandbox ends with this command, and its previews with it: --previews DIR saves them";

    // The placement.
    placement(what = "0:00.000 to 0:08.259 of the voice, at 0:00.000 of the clip") "Placement: {what}";
    part_placement(start = "0:00.000", end = "0:08.259", insert = "0:00.000") "{start} to {end} of the voice, at {insert} of the clip";
    insert_out_of_range(rule = "R5", insert_ms = 99_999, first_ms = 0, last_ms = 7_000) "{rule}: --insert {insert_ms} is not possible here: {first_ms} to {last_ms} ms are";
    insert_too_early(rule = "R4", insert_ms = -5, first_ms = 0) "{rule}: --insert {insert_ms} is not possible here: {first_ms} ms or later is";
    insert_bounds_of_clip(clip_ms = 9_000, crop_ms = 2_000) "The clip is {clip_ms} ms long, and at least {crop_ms} ms of the voice must be heard in it";
    insert_bounds_of_clip_and_face(clip_ms = 9_000, crop_ms = 2_000, start_ms = 2_000, end_ms = 7_000)
        "The clip is {clip_ms} ms long, at least {crop_ms} ms of the voice must be heard in it, and at least 2000 ms of that while the face is in view, from {start_ms} to {end_ms} ms";
    insert_bounds_of_face(crop_ms = 2_000, start_ms = 2_000, end_ms = 7_000)
        "At least {crop_ms} ms of the voice must be heard, and at least 2000 ms of that while the face is in view, from {start_ms} to {end_ms} ms";
    insert_bounds_of_nothing() "Give the time in the clip at which the voice begins, in milliseconds";

    // What is waited for.
    uploading() "Uploading the clip to the sandbox…";
    uploading_to_storage(name = "clips at s3.example.com") "Uploading the clip to {name}…";
    recalling_faces() "Looking whether the faces are known…";
    finding_faces() "Finding faces…";
    identify_status(status = "in_progress") "Finding faces… {status}";
    identify_poll_failed(problem = "The connection was closed") "Finding faces… the last poll failed and the next one follows: {problem}";
    part_no_status() "no status yet";
    creating() "Creating the task…";
    looking_up(problem = "The connection was closed") "{problem}. Looking the task up by its external_task_id…";
    task_status(task_id = "t-1", status = "processing") "Task {task_id}: {status}";
    task_poll_failed(task_id = "t-1", problem = "The connection was closed") "Task {task_id}: the last poll failed and the next one follows: {problem}";
    saving() "Saving the result…";
    still_waiting(what = "Task t-1: processing", elapsed = "0:30") "{what} ({elapsed} so far)";

    // The task.
    part_external_task_id(name = "viseme-00ff00ff00ff00ff") "external_task_id: {name}";
    create_under_way() "The create is under way, and its answer is waited for; it is not sent again. Interrupt again to leave with the outcome unknown";
    part_waiting_to_send_again(problem = "Too many tasks at once (code 1303, HTTP 429)", what = "create", seconds = 4) "{problem}: the {what} is sent again in {seconds} s";
    name_taken(problem = "The name mine-1 was used before", task_id = "t-1", status = "succeed", created = "Tue, 14 Nov 2023 22:13:20 GMT") "{problem}. Task {task_id}: {status}, created {created}";
    part_unknown_time() "at an unknown time";
    name_taken_hint(command = "viseme task t-1 --wait") "Follow the task of that name with: {command}. For a task of your own give another name with --external-task-id, or leave it out for a new one";
    only_faces_paid(problem = "The name mine-1 was used before") "{problem}. The faces that were found before that are paid";
    faces_stay_hint(hint = "Give another name") "{hint}. The faces are known for 24 hours: the next run of this clip takes them up";
    name_open_hint(name = "mine-1") "Settle it with: viseme tasks resume {name}, which looks for its task and saves the result. Under another name it may be paid twice";
    name_waits_hint(name = "mine-1") "A window sends it; viseme tasks close {name} removes it from the queue. For a task beside it give another name with --external-task-id";
    look_up_certain_hint(hint = "Look it up again with: viseme task --external-id mine-1 --wait", command = "viseme profiles add acme --replace --knows-names") "{hint}. If that service finds tasks by our names, say so, and what it does not find is settled for certain: {command}";
    other_name_hint() "Give another name with --external-task-id, or leave it out for a new one";
    wait_longer() "Run it again, with a longer --timeout";
    timed_out_before_anything(limit_s = 600) "No task was accepted within {limit_s} s: nothing was created";
    timed_out_before_resending(limit_s = 600, last = "Too many tasks at once (code 1303, HTTP 429)") "No task was accepted within {limit_s} s: nothing was created. The last answer of the service: {last}";
    timed_out_while_saving(limit_s = 600) "The task is done, and its result was not saved within {limit_s} s";
    stopped_before_resending(last = "Too many tasks at once (code 1303, HTTP 429)") "Stopped before anything was created; the create is not sent again. The last answer of the service: {last}";
    not_submitted() "The task was not submitted";
    not_created() "The task was not created";
    not_followed() "The task is not followed";
    unknown_outcome(problem = "It is not known whether the task was created", found = "Services of this dialect cannot look a task up by its name") "{problem}. {found}";
    look_up_found_nothing(name = "viseme-00ff00ff00ff00ff") "It was looked up as {name}, and the service does not show it, at least not yet";
    look_up_failed(name = "viseme-00ff00ff00ff00ff", problem = "The connection was closed") "It was looked up as {name}, and that failed: {problem}";
    look_up_impossible() "Services of this dialect cannot look a task up by its name";
    look_up_hint(command = "viseme task --external-id viseme-00ff00ff00ff00ff --wait") "Look it up again with: {command}. Send it again only if it is not there: a second task is paid as well";
    look_up_by_hand(name = "viseme-00ff00ff00ff00ff") "Look for {name} in your account at the service. Send it again only if it is not there: a second task is paid as well";
    unknown_in_own_sandbox() "The sandbox was started for this command and ends with it, and the task with it. It costs nothing to run the command again";
    paused(task_id = "t-1", limit_s = 600) "Task {task_id} is not done after {limit_s} s";
    paused_after_failed_poll(task_id = "t-1", limit_s = 600, problem = "The connection was closed") "Task {task_id} is not done after {limit_s} s; the last poll failed: {problem}";
    resume_hint(command = "viseme task t-1 --wait") "It goes on at the service. Resume with: {command}";
    stopped_before_anything() "Stopped before anything was created";
    stopped_during_create(name = "viseme-00ff00ff00ff00ff") "Stopped while the create of {name} was under way: it is not known whether the task was created";
    stopped_while_following(task_id = "t-1") "Stopped while task {task_id} was followed";
    stopped_while_saving() "Stopped while the result was being saved";
    no_result_yet() "There is no result yet: --wait waits for it";
    task_found(name = "MINE-7", task_id = "t-1") "{name} is task {task_id}";
    name_not_found(name = "mine-7") "The service has no task that was created as {name}";
    name_not_among_newest(name = "mine-7", count = 500) "None of the newest {count} tasks of the service was created as {name}";
    name_not_found_hint() "A task may be listed with a delay. Check the name, and that the key is of the account that created the task";
    no_look_up() "Services of this dialect cannot look a task up by its name";
    no_task_in_state() "This sandbox was started for this command, and knows the tasks of those windows and commands that had its state in the data folder. For a task of a `viseme sandbox`, give the address of that with --base-url, and its key in VISEME_KEY";
    no_task_of_another_command() "This sandbox was started for this command and has no task of another: where another viseme is running, end it first. Give the address of the `viseme sandbox` that has the task with --base-url, and its key in VISEME_KEY";

    // Batches.
    part_batch_prefix(line = 3) "Row {line}: ";
    batch_row(line = 3, why = "The name order-7 is that of row 2, too") "Row {line}: {why}";
    batch_row_hint() "Each line is one JSON object, such as {{\"video\": \"clip.mp4\", \"audio\": \"voice.mp3\", \"face\": \"only\"}}; `viseme help batch` lists the fields. Nothing was sent";
    batch_not_a_row(err = "unknown field `voice`") "This line is not a job: {err}";
    batch_one_clip() "Exactly one of video, video_url and video_id names the clip";
    batch_one_voice() "Exactly one of audio, audio_url and audio_id names the voice";
    batch_same_name(name = "order-7", line = 2) "The name {name} is that of row {line}, too";
    batch_same_name_hint() "A name is used once. Give each row a name of its own, or leave the names out";
    batch_same_out(line = 2) "Its result would go where that of row {line} goes";
    batch_too_long(most = 10000) "A batch has at most {most} rows";
    batch_empty() "The batch has no rows";
    batch_empty_hint() "Write one JSON object a line: `viseme help batch` lists the fields";
    batch_unreadable(file = "jobs.jsonl", err = "No such file or directory (os error 2)") "The file {file} cannot be read: {err}";
    part_batch_too_large(mib = 16) "It is larger than {mib} MiB";
    batch_needs_journal() "A batch needs the journal: by it the next run knows what is done and paid";
    batch_needs_journal_hint() "Leave --no-journal out, or name a folder with --data-dir";
    input_is_the_batch() "The rows come from standard input, and the key cannot come from there too";
    batch_begins(rows = 5, most = 2) "{rows} rows, at most {most} at once";
    part_batch_more(count = 3) "; and {count} more";
    batch_bad_rows(bad = 1, rows = 5) "{bad} of {rows} rows cannot be run: nothing was sent";
    batch_ended(rows = 5, done = 4) "{done} of {rows} rows are done";
    batch_row_is_done(file = "clip lip-sync.mp4") "An earlier run has done this row: {file}";
    batch_same_session() "The faces of this clip are those that another row has found";
    batch_no_slot(most = 1) "The service runs no more tasks at once: from now on {most} rows are with it at most, and this one waits";
    budget_needs_journal() "A budget needs the journal, which has what is spent: leave --no-journal out, or the budget (--budget, or Spending in the settings of the window)";
    not_a_mouth_box(text = "middle") "\"{text}\" is no place of a mouth: write four numbers, as in 0,0.28,0.4,0.12";
    mouth_box_not_sent() "--mouth-box is not sent: only the sandbox knows it, and the service finds the mouth by itself";
    not_an_amount(text = "much") "\"{text}\" is not an amount: write a number, as in 2.5";
    not_at_once(text = "0") "\"{text}\" is not a number of jobs: write 1 to 64";

    // Tasks of the journal.
    no_tasks() "The journal has no such tasks";
    result_expires(name = "duo.mp4", when = "in 2 days") "The result of {name} is not saved on this machine, and its service deletes it {when}";
    result_may_expire(name = "duo.mp4", when = "in 3 hours") "The result of {name} is not saved on this machine, and its service may delete it {when}: some gateways keep results for a day";
    result_expires_hint(task_id = "t-1") "Save it with viseme tasks resume -- {task_id}";
    more_tasks(limit = 50) "There are more than {limit}: --limit lists more of them, and --search, --state and --day fewer";
    not_a_state(text = "done", states = "running, succeeded") "\"{text}\" is no state: the states are {states}";
    not_a_day(text = "yesterday") "\"{text}\" is no day: write it as 2026-11-21";
    several_tasks(id = "mine-7", services = "kling, ezmodel") "Several tasks have the name {id}, at {services}";
    several_tasks_hint() "Choose one with --profile, or give the service's id for the task";
    task_not_in_journal(id = "mine-7") "The journal has no task {id}";
    task_not_in_journal_hint() "List the tasks with viseme tasks list. One that was created elsewhere is followed by its id: viseme task TASK_ID --wait";
    task_deleted(id = "t-1") "Deleted {id} from the journal";
    already_saved(path = "clip lip-sync.mp4") "The result is saved already, as {path}: --out FILE saves it again";
    part_waits_in_queue() "waits in the queue: a window sends it";
    waits_in_queue_hint() "It waits in the queue and was not sent: a window sends it, and viseme tasks close removes it";
    task_closed(id = "mine-7") "Closed {id}: it is not looked for or sent any more, and what was reserved for it is given back";
    settling(name = "batch-00ff00ff00ff00ff") "An earlier run sent {name} and did not see the answer: it is looked for, for up to two minutes";
    not_settled(name = "batch-00ff00ff00ff00ff") "Whether {name} was created is not known: the service does not say";
    close_at_end(id = "t-1", state = "succeeded") "There is nothing to close: {id} is at its end ({state})";
    close_at_end_hint(id = "t-1") "`viseme tasks delete {id}` takes it from the history";
    close_accepted(id = "t-1") "Task {id} cannot be closed: the service has accepted it, and works on it";
    close_accepted_hint(id = "t-1") "Follow it to its end with `viseme tasks resume {id}`. Only what waits in the queue, or of which nobody knows whether the service took it, is closed";
    delete_unfinished(id = "t-1") "Task {id} is not at its end: it cannot be deleted";
    delete_running_hint(id = "t-1") "The service has accepted it: follow it to its end with `viseme tasks resume {id}`, and delete it then";
    delete_unclear_hint(id = "t-1") "Close it first with `viseme tasks close {id}`: then it is not sent or looked for any more";
    journal_aside(file = "journal.corrupt.db") "An earlier journal was damaged and lies aside as {file}: the tasks in it are not listed here. Their services still have them, by their ids";
    not_settled_hint(name = "mine-7") "Look for {name} in your account at the service. If it is not there, close it with viseme tasks close {name}, and send it again";
    not_settled_own_hint(name = "mine-7", command = "viseme profiles add acme --replace --knows-names") "If that service finds tasks by our names, say so, and resume once more: {command}. Else look for {name} in your account there; if it is not there, close it with viseme tasks close {name}, and send it again";
    nothing_was_created(name = "mine-7") "The service has no task {name}: nothing was created, and it is closed";
    nothing_to_resume(state = "refused") "There is nothing to resume: this task is {state}";
    ended_with_sandbox(name = "MINE-7") "{name} was in a sandbox that a command had started for itself and that ended with it: its task is gone, and cost nothing";
    ended_with_sandbox_hint() "Run it again: at the sandbox that costs nothing";
    waits_for_owner(seconds = 30) "Another viseme follows this task, or was killed while it did: that is certain in {seconds} s at most…";
    nothing_is_kept(problem = "The journal cannot be written") "{problem}. It goes on without a journal, and nothing of this run is kept";
    journal_needed_hint() "Name another folder with --data-dir, or give --no-journal: then a task is lost with this process";

    // The result.
    saved(path = "clip lip-sync.mp4", size_bytes = 1_234_567, sha256 = "00ff…") "Saved {path} ({size_bytes} bytes, SHA-256 {sha256})";
    result_not_saved(problem = "The disk is full") "The task is done, and its result could not be saved: {problem}";
    result_not_fetched() "The result was not saved";
    save_again(command = "viseme task t-1 --out FILE") "Fetch it again with: {command}";
    save_again_in_own_sandbox() "Run the command again once there is room; it costs nothing in the sandbox";

    // The draft.
    drafting() "Moving the mouth…";
    part_draft_stem(clip = "clip") "{clip} draft";
    draft_saved(path = "clip draft.mp4", frames = 206) "Saved the draft as {path}; the face speaks in {frames} frames";
    draft_no_face() "The clip has no usable face";
    draft_no_face_hint() "Use a clip in which a face is seen from the front for two seconds or longer";
    draft_stopped() "Stopped: there is no draft";
    draft_broke_down(err = "panic") "The draft broke down: {err}. Please report this clip";

    // Making it fit.
    fit_hint(command = "viseme fit clip.mp4") "`{command}` makes one that keeps the rules, beside the original";
    fit_silent() "The voice is silent from its beginning to its end: there is nothing that could be raised. Choose another voice";
    fit_nothing_to_do() "Nothing to do: it keeps every rule as it is";
    fit_cure(wrong = "The clip is larger than 100 MB", done = "Encoded to less than 100 MB") "{wrong}. {done}";
    fit_would_be(wrong = "The clip is larger than 100 MB", done = "Encoded to less than 100 MB") "{wrong}. To be done: {done}";
    fit_step() "Making it fit…";
    fit_saved(path = "clip fitted.mp4") "Saved: {path}";
    fit_copied() "The pictures were copied as they are";
    fit_broken_still(why = "The clip is too small") "A rule is still broken: {why}";
    fit_stopped() "Stopped: nothing was written";
    fit_broke_down(err = "panic") "Making it fit broke down: {err}. Please report this file";

    // The judge.
    judging() "Measuring the result…";
    judge_stopped() "Stopped: nothing was judged";
    judge_broke_down(err = "panic") "The judge broke down: {err}. Please report this clip";
    part_good() "good";
    part_bad() "bad";
    part_warns() "warns";
    part_not_measured() "not measured";
    part_measure(name = "offset", grade = "good", says = "The mouth moves with the voice (12 ms)") "{name} {grade} {says}";
}
