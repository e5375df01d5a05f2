//! Every text of this floor that reaches a person; the meanings of the codes are in [`super::codes`]. A key that begins with `part_` is a
//! part of a sentence.

crate::model::texts! {
    // Requests.
    id_empty(what = "task id") "The {what} is empty";
    id_not_in_address(what = "task id", id = "\"..\"") "The {what} {id} cannot be part of an address";
    id_hint(what = "task id") "Give the {what} that the service returned";
    clip_empty(field = "video_url") "The field {field} is empty";
    clip_empty_hint() "Give the clip as an address the service can reach, or as a video_id";
    clip_is_local(path = "clip.mp4", service = "kling") "The clip {path} is a local file, and {service} takes no uploads: it fetches the clip itself";
    clip_is_local_hint() "Put the clip where the service can reach it and give its address, give a video_id, or use the sandbox";
    volume_not_a_number(name = "sound_volume", volume = "NaN") "The volume {name} is {volume}, which is not a number";
    volume_hint() "Give a volume from 0 to 2";
    no_list(dialect = "kirin") "The {dialect} dialect has no list of tasks";
    no_list_hint() "Ask for a task by its id";
    no_speech(service = "vtrix") "The service {service} speaks no texts";
    no_speech_hint() "Give the voice as a file, an address or an id";
    out_of_range(name = "pageNum", value = 0, most = 1_000) "The value of {name} is {value}, and must be 1 to {most}";

    // Answers.
    speech_failed() "The service could not speak the text, and gave no reason";
    not_visible_hint() "No such task is visible to this account: check the id, and that the key is of the account that created it; a task's result is kept 30 days, at some gateways 24 hours";
    empty_refusal(http_status = 404) "The service answered HTTP {http_status} with an empty body";
    empty_answer(http_status = 200) "The answer of HTTP {http_status} has an empty body instead of JSON";
    other_answer(http_status = 200, what = "an HTML page", words = "Sign in") "The answer of HTTP {http_status} is {what}: {words}";
    part_page() "an HTML page";
    part_broken_json() "JSON that is broken, or far too large";
    part_no_json() "text that is no JSON";
    without(what = "task_id", words = ": busy") "The answer has no {what}{words}";
    without_hint() "Check base URL, path prefix and dialect: this is not how the service's documents say it answers";
    redirect(to = " to https://elsewhere") "The service redirects{to}, and a request that carries a key is not sent on";
    redirect_hint() "Give the address it redirects to as the base URL, if you trust it";
    no_words(http_status = 418) "The service answered HTTP {http_status} and gave no reason";
}
