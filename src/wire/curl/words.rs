//! Every text about cURL commands that reaches a person. `all` lists each once.

/// A text that runs no curl.
pub(super) const NOT_CURL: &str = "This is not a cURL command";
/// No address in the command.
pub(super) const NO_ADDRESS: &str = "There is no address in the command";
/// The command is quoted for `cmd.exe`.
pub(super) const COMMAND_PROMPT: &str =
    "The command is quoted for the Windows command prompt: copy it as cURL for bash instead";
/// The body is piped in from something that is not in the text.
pub(super) const BODY_FROM_INPUT: &str =
    "The body of the command comes from another command or a file: paste the text of the body instead";

/// A quote that is never closed.
pub(super) fn open_quote(quote: char) -> String {
    format!("The quote {quote} in the command is never closed: copy the whole command")
}

/// An option without its value.
pub(super) fn no_value(option: &str) -> String {
    format!("The command ends after {option}, which needs a value: copy the whole command")
}

/// A body that is in a file.
pub(super) fn body_in_file(file: &str) -> String {
    format!("The body of the command is in the file {file}, which is not read: paste the text of the file instead")
}

/// A form instead of a JSON body.
pub(super) fn form(field: &str) -> String {
    format!("The command sends a form ({field}), which lip-sync services do not accept: a JSON body is needed")
}

// What was left out of a command; prefixed with "Left out: ".

/// Another command, or where the output goes.
pub(super) const WHAT_FOLLOWS: &str = "what follows the command";
/// More than one address.
pub(super) const SECOND_ADDRESS: &str = "a second address";

/// A header that means nothing here.
pub(super) fn header(name: &str) -> String {
    format!("the header {name}")
}

/// An option that no known version of curl has.
pub(super) fn unknown_option(name: &str) -> String {
    format!("the option --{name}, which is not known here")
}

/// A field that neither document has.
pub(super) fn unknown_field(name: &str) -> String {
    format!("{name}, which is not known here")
}

/// A field whose value is of another kind.
pub(super) fn bad_value(name: &str) -> String {
    format!("{name}, whose value cannot be used")
}

/// A time that is not a number of milliseconds.
pub(super) fn not_milliseconds(name: &str) -> String {
    format!("{name}, which is not a whole number of milliseconds")
}

/// A volume out of bounds.
pub(super) fn not_a_volume(name: &str) -> String {
    format!("{name}, which is not between 0 and 2")
}

/// Two fields of which a request has one.
pub(super) fn only_one(first: &str, second: &str) -> String {
    format!("the second of {first} and {second}: only one may be given")
}

/// A list of which only the first is used.
pub(super) fn all_but_first(count: usize, what: &str) -> String {
    format!("all but the first of {count} {what}")
}

/// The `kirin` dialect's `input` without its `params`.
pub(super) const NO_PARAMS: &str = "input, which has no params";

// What is wrong with a body.

/// JSON that ends too early.
pub(super) fn body_cut_off(line: usize, column: usize) -> String {
    format!("The body is cut off at line {line}, column {column}: copy the whole command")
}

/// Not JSON.
pub(super) fn body_not_json(line: usize, column: usize) -> String {
    format!("The body is not JSON: it goes wrong at line {line}, column {column}")
}

/// JSON, but a list or a number.
pub(super) const BODY_NOT_OBJECT: &str = "The body is JSON, but not an object with fields";

// What must be known to run a command.

/// Where the key of a real service comes from.
pub(super) fn key_from(variable: &str) -> String {
    format!("The key is not in it: put it into {variable} first, with read -rs {variable}")
}

/// The key of the built-in sandbox is in the command.
pub(super) const SANDBOX_KEY: &str = "The key in it is the built-in sandbox's: it ends with this window";
/// A file that is read again.
pub(super) fn sends_file(path: &str) -> String {
    format!("It sends the file {path}, and nothing where that is missing")
}
/// Base64 that was not kept.
pub(super) const SOUND_NOT_KEPT: &str = "Its Base64 is not kept: where it says … the sound must be put in again";
/// A request that costs something.
pub(super) const PAID_AGAIN: &str = "A request that costs something is sent once more by it, and paid once more";

/// Every text, by name, with examples in place of what varies.
#[doc(hidden)]
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    vec![
        ("not curl", NOT_CURL.into()),
        ("no address", NO_ADDRESS.into()),
        ("command prompt", COMMAND_PROMPT.into()),
        ("body from input", BODY_FROM_INPUT.into()),
        ("open quote", open_quote('\'')),
        ("no value", no_value("-H")),
        ("body in file", body_in_file("body.json")),
        ("form", form("file")),
        ("left out: what follows", WHAT_FOLLOWS.into()),
        ("left out: second address", SECOND_ADDRESS.into()),
        ("left out: header", header("x-trace")),
        ("left out: unknown option", unknown_option("brand-new")),
        ("left out: unknown field", unknown_field("seed")),
        ("left out: bad value", bad_value("face_id")),
        ("left out: not milliseconds", not_milliseconds("sound_start_time")),
        ("left out: not a volume", not_a_volume("sound_volume")),
        ("left out: only one", only_one("video_url", "video_id")),
        ("left out: all but the first", all_but_first(2, "faces")),
        ("left out: no params", NO_PARAMS.into()),
        ("body cut off", body_cut_off(1, 5)),
        ("body not JSON", body_not_json(1, 6)),
        ("body not an object", BODY_NOT_OBJECT.into()),
        ("hint: key", key_from(super::KEY_VARIABLE)),
        ("hint: sandbox key", SANDBOX_KEY.into()),
        ("hint: file", sends_file("/home/ada/voice.mp3")),
        ("hint: sound not kept", SOUND_NOT_KEPT.into()),
        ("hint: paid again", PAID_AGAIN.into()),
    ]
}
