//! Every text of the sandbox that reaches a person: refusals and start errors. The meanings of the documented codes are the vendors' own
//! and stand in `sandbox::refusal`.
//!
//! A refusal is written `field: Sentence`, with the field's name as the request has it.

/// What the request's body is called in a refusal.
pub(super) const BODY: &str = "The body";
/// What the request's header is called in a refusal.
pub(super) const AUTHORIZATION: &str = "Authorization";

crate::model::texts! {
    // Starting.
    no_random_numbers(err = "Operation not permitted")
        "The system gives the sandbox no random numbers, so its keys and addresses could be guessed: {err}. Start it where the system's random source can be read";
    cannot_listen(listen = "127.0.0.1:8080", err = "Address already in use")
        "The sandbox cannot listen at {listen}: {err}. Choose another port, or 0 for a free one";
    no_folder(parent = "/tmp", err = "No space left on device")
        "The sandbox cannot make its folder in {parent}: {err}. Free some space there, give another folder (`viseme sandbox --data-dir DIR`), or set the variable TMPDIR (TEMP on Windows)";
    state_taken(folder = "/home/me/.local/share/viseme/sandbox") "The sandbox's state in {folder} is in use: another viseme has it. End that one, or give another folder with --data-dir";
    state_newer(folder = "/home/me/.local/share/viseme/sandbox") "The sandbox's state in {folder} was written by a newer viseme. Use that one, or give another folder with --data-dir";
    state_not_restored(err = "task 7 panicked") "The sandbox could not read its state because of an error in the program: {err}. Start it with another folder (--data-dir), and report this";
    webhook_secret(why = "It has to begin with whsec_") "The webhook secret cannot be used: {why}";
    webhook_secret_prefix() "It has to begin with whsec_";
    webhook_secret_not_base64(err = "Invalid symbol 37, offset 0") "What follows whsec_ is not Base64: {err}";

    // The key.
    no_authorization() "The header is missing; send \"Bearer KEY\"";
    empty_authorization() "The header is empty; send \"Bearer KEY\"";
    not_bearer() "The scheme is not Bearer; send \"Bearer KEY\"";
    bearer_without_key() "Nothing follows \"Bearer\"; send \"Bearer KEY\"";
    header_not_text() "The header is not text";
    unknown_key() "The key is not one of this sandbox";
    token_header_unreadable() "The token's header cannot be read";
    token_not_hs256() "The token is not signed with HS256";
    token_signature_unreadable() "The token's signature cannot be read";
    token_signature_wrong() "The token's signature does not fit the secret key";
    token_claims_unreadable() "The token's claims cannot be read";
    token_not_for_tasks() "This path takes the API key only, no signed token";
    token_wrong_issuer() "The token's iss is not the access key";
    token_without_exp() "The token has no exp";
    token_not_yet_valid(nbf = 1_800_000_060.0, now_s = 1_800_000_000) "The token is not valid before {nbf}; it is {now_s} now";
    token_expired(exp = 1_800_000_000.0, now_s = 1_800_000_060) "The token expired at {exp}; it is {now_s} now";

    // The request's form.
    no_such_path(path = "/v1/audio/tts") "Nothing is at the path {path:.200}";
    wrong_method(method = "DELETE", path = "/media/a.mp4", allow = "PUT, OPTIONS") "{path} does not take {method}, only {allow}";
    not_json_type(media_type = "text/plain") "Expected application/json, got {media_type:.60}";
    body_too_large(bytes = 16_777_216) "Larger than {bytes} bytes; a voice may have 5 MB before Base64";
    body_broke_off(err = "error reading a body from connection") "The connection broke off: {err}";
    body_stalled(seconds = 30) "Nothing came for {seconds} s";
    disk_full() "The disk on which this sandbox keeps its files is full. Free some space in its folder, or start it with another (`viseme sandbox --data-dir DIR`, or the variable TMPDIR)";
    body_too_many_values(most = 10_000) "More than {most} values; a request has a few";
    body_takes_too_long(seconds = 120) "Not whole within {seconds} s";
    host_not_allowed(host = "evil.example") "The host {host} is not this sandbox's: give it with --host where it is";
    private_not_allowed(host = "10.0.0.1") "The address {host} is private, and this sandbox listens for other machines: --allow-private lets it fetch such addresses";
    body_not_json(err = "expected value at line 1 column 1") "This is not JSON: {err}";
    required() "Required, but missing";
    expected(expected = "a string", got = "the number 7") "Expected {expected}, got {got}";
    exactly_one_element(count = 2) "Exactly one element is supported, and there are {count}";
    both_of_two(other = "video_url") "Given together with {other}; exactly one of the two is accepted";
    neither_of_two(other = "video_url") "Neither this nor {other} is given; exactly one of the two is required";
    number_out_of_range(most = 500, got = "501") "Expected an integer from 1 to {most}, got {got:.40}";
    longer_than_chars(most = 256) "Longer than {most} characters";
    upload_name(most = 200) "A name has at most {most} characters, and no slash";
    data_prefix() "A data: prefix is not accepted; send the Base64 alone";
    neither_address_nor_base64(err = "Invalid symbol 33, offset 10") "This is neither an address nor Base64: {err}";
    no_such_model(model = "kirin_v3") "No model is called {model:.60}; there are kirin_identify_face and kirin_lipsync";
    no_such_fault(fault = "\"nonsense\"", known = "error-CODE, http-STATUS, delay-MS") "No fault is called {fault}; there are {known}";

    // Addresses that a request names.
    no_address(text = "/a.mp4", err = "relative URL without a base") "{text:.200} is no address: {err}";
    scheme_not_allowed(scheme = "file") "The scheme {scheme} is not allowed, only http and https";
    fetch_takes_too_long(url = "http://127.0.0.1/a.mp4", seconds = 60.0) "{url} did not arrive whole within {seconds} s";
    not_reached(url = "http://127.0.0.1:1/", why = "Connection refused") "{url} cannot be reached: {why}";
    redirect_to_nowhere(url = "http://127.0.0.1/a") "{url} redirects to nowhere";
    redirect_is_no_address(url = "http://127.0.0.1/a", target = "\"http://\"", err = "empty host") "{url} redirects to {target}, which is no address: {err}";
    answered_with(url = "http://127.0.0.1/a", status = "404 Not Found") "{url} answered HTTP {status}";
    broke_off(url = "http://127.0.0.1/a", why = "error decoding response body") "{url} broke off: {why}";
    too_many_redirects(url = "http://127.0.0.1/a", most = 5) "{url} redirects more than {most} times";

    // Space.
    too_large_file(bytes = 104_857_601, most = 104_857_600, most_mb = 100) "{bytes} bytes > {most} bytes ({most_mb} MB)";
    larger_than_disk(bytes = 6_000_000_000_u64, limit = 4_294_967_296_u64) "{bytes} bytes are more than the sandbox keeps on the disk, which is {limit} bytes";
    no_room(bytes = 104_857_600, in_use = 4_294_967_000_u64, limit = 4_294_967_296_u64)
        "There is no room for {bytes} bytes: unfinished tasks and files that are being written use {in_use} bytes of {limit} bytes. Try again when one of them has ended";

    // Clips, sessions and voices.
    video_not_found(id = "123456789012345678") "No video called {id:.60} was made here";
    video_expired(id = "123456789012345678") "Video {id} is older than 30 days and was removed";
    session_not_found(id = "123456789012345678") "Session {id:.60} was not found";
    session_expired(id = "123456789012345678") "Session {id} has expired; a session lives 24 hours, identify again";
    session_closed(id = "123456789012345678") "Session {id} was closed to make room; identify again";
    session_has_no_face(session = "123456789012345678") "Session {session} has no faces";
    no_such_face(session = "123456789012345678", face_id = "0", known = "face_001, face_002") "Session {session} has no face called {face_id:.60}; it has {known}";
    voice_not_found(id = "123456789012345678") "No voice is called {id:.60}";
    voice_expired(id = "123456789012345678") "Voice {id} is older than 30 days and was removed";
    no_sound(id = "123456789012345678", kind = "video") "{id} is no sound, it is {kind}";
    audio_format_is_invalid() "Audio format is invalid";
    audio_format_is_invalid_because(why = "The file is plain text") "Audio format is invalid: {why}";

    // Text to speech.
    no_such_language(word = "de") "There is no language {word:.20}; there are zh and en";
    speed_out_of_range(speed = 2.1) "Expected a number from 0.8 to 2, got {speed}";
    no_system_voice() "This machine has no voice for the sandbox: install espeak-ng (Linux), or use a service with voices of its own";
    system_voice_failed(program = "espeak-ng", why = "no such voice") "The system's voice, {program}, could not speak the text: {why}";
    part_no_reason() "it gave no reason";

    // Tasks.
    name_is_used(external_task_id = "Order 7", task_id = "123456789012345678") "{external_task_id} is already the name of task {task_id}; it must be unique";
    too_many_tasks(unfinished = 64, limit = 64) "Too many tasks at once: {unfinished} are not finished, and the limit is {limit}; try again in a second";
    name_exists(external_task_id = "Order 7") "External_task_id {external_task_id} already exists";
    task_not_found(id = "123456789012345678") "Task not found by id/external id: {id:.256}";
    no_task_called(id = "123456789012345678") "No task is called {id:.60}";
    names_required() "Required, but missing; give one or more names, separated by commas";
    too_many_names(most = 100, count = 101) "{count} names are too many; there may be {most}";
    account_too_often() "Asked more than once a second";
    time_range(start_ms = 2_i64, end_ms = 1_i64) "The end, {end_ms}, is not later than the start, {start_ms}";
    expected_ms(got = "soon") "Expected a time in milliseconds, got {got:.40}";
    no_such_filter(key = "colour", known = "api_key_name, product_type") "There is no filter called {key:.60}; there are {known}";
    not_a_cursor() "This is no cursor of this sandbox";
    failed_on_demand() "This task failed on demand";
    unknown_error() "An error without a meaning in the documents";
    takes_too_long(seconds = 180) "It was not done within {seconds} s";
    stopped_before_the_task() "It stopped before the task was done";
    not_done_in_a_day() "The task was not done within 24 hours, in which the sandbox was stopped and started again";
    cannot_begin_anew(err = "entity not found") "It was stopped before the task was done, and what the task is made from is not there any more: {err}";
    face_is_gone() "Its face is not in its clip";

    // Files.
    file_not_found(id = "123456789012345678") "No file is called {id:.60}; it may have been removed to make room";
    file_expired(id = "123456789012345678") "File {id:.60} is older than 30 days and was removed";
    face_image_not_found() "No face image is here; its session may have expired";

    // The sandbox itself.
    internal(why = "No space left on device") "The sandbox could not do this: {why}";
    ended_early(err = "task 7 panicked") "The work ended early: {err}";
    stopping() "The sandbox is stopping";
}

/// `104857601 bytes > 104857600 bytes (100 MB)`.
pub(super) fn too_large(bytes: u64, max_bytes: u64) -> String {
    too_large_file(bytes, max_bytes, max_bytes / (1024 * 1024))
}

/// A text that begins with a capital letter.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
