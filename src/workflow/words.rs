//! Every text of this floor that reaches a person.

/// Why no way out of the stage can be offered.
pub(super) const BEING_CREATED: &str = "The task is being created";
pub(super) const OUTCOME_OPEN: &str = "Nobody knows whether the task was created: settle that first";
pub(super) const BEING_FOLLOWED: &str = "The task is being followed: pause it first";

crate::model::texts! {
    // The clip.
    no_clip() "There is no clip yet";
    no_clip_hint() "Give a file, the address of a clip, or a video id";
    takes_no_files(path = "clip.mp4", service = "kling") "The clip {path} cannot be handed to {service}: these services take no video files, they fetch a clip from an address";
    takes_no_files_hint() "There are three ways: put the clip at an address that the service can reach and give that; or set up storage of your own, a bucket to which viseme uploads it (viseme storage set); or a command that uploads it and prints an address (viseme storage command). On the command line, add --storage then. The sandbox profile takes files itself";
    clip_address(url = "clip") "\"{url}\" is not the address of a clip";
    address_hint() "An address begins with http:// or https://";
    video_id_empty() "The video id is empty";

    // Faces.
    faces_late(seconds = 600) "The service has not found the faces within {seconds} s";
    faces_late_with_answer(seconds = 600, last = "Too fast (code 1302)") "The service has not found the faces within {seconds} s; its last answer: {last}";
    faces_late_hint() "It may have been paid all the same. Wait longer for them, or find the faces again, which may be paid once more";
    no_face() "The service found no usable face in the clip";
    no_face_hint() "Take a clip in which a face is seen from the front for at least 2 s, large enough and in good light";
    preview_stopped() "Fetching it was stopped";

    // What a task needs.
    no_choice() "No face is chosen";
    no_choice_hint() "Choose one: the clip has several, and a task makes one of them speak";
    no_voice() "There is no voice yet";
    no_voice_hint() "Give a file, the address of a sound, or an audio id";
    voice_address(url = "voice") "\"{url}\" is not the address of a sound";
    audio_id_empty() "The audio id is empty";
    audio_id_empty_hint() "Give the id that the service's speech or upload returned";
    voice_converting() "The voice is being written as WAV";
    voice_reading() "The voice is still being read";
    clip_being_compared() "It is being looked whether the clip is still the one that these faces were found in";
    in_a_moment() "Try again in a moment";
    end_unknown() "The length of the voice is not known, so its end (sound_end_time) must be given";
    end_unknown_hint() "Give the time in the voice at which it stops, in milliseconds";
    session_over() "The session is over: the service keeps it for 24 hours";
    session_over_hint() "Find the faces again; the choice is kept";
    no_random_numbers() "The task cannot be given a name of its own: this system returns no random numbers";
    no_random_numbers_hint() "Give an external task id that no other task has";

    // The task.
    being_created(text = BEING_CREATED) "{text}";
    outcome_open(text = OUTCOME_OPEN) "{text}";
    being_followed(text = BEING_FOLLOWED) "{text}";
    name_taken(name = "mine-1") "The name {name} was used before, so the service refuses another task of that name: no task was created or paid";
    name_taken_by(name = "mine-1", task_id = "t-1") "The name {name} was used before, by task {task_id}, which is not this one: no further task was created or paid";
    name_taken_hint() "Follow the task of that name, or send this one under another name";
    not_proven(task_id = "t-1") "Task {task_id} has that name, and the service does not say when it was created, so it may be an older one";
    look_up_stopped() "The look-up was stopped";
    abandoned_hint(name = "viseme-00ff") "If it was taken after all, the service knows it as {name}";
    videos_left_out(taken = 16, left_out = 29_984) "The answer names {left_out} more results than the {taken} that are taken from one answer";
    faces_left_out(taken = 256, left_out = 98_744) "The answer names {left_out} more faces than the {taken} that are taken from one answer";
    left_out_hint() "The answer itself has them all; the service's support can say why";
    no_video() "The task succeeded, and its answer names no video";
    no_video_hint() "Ask for the task again, or look at the answer";
    task_failed() "The task failed at the service, which gave no reason";
    task_failed_because(reason = "the face is turned away") "The task failed at the service: {reason}";
    task_failed_free_hint() "It cost nothing. Change what the reason names, and submit again";
    task_failed_charged_hint(cost = "0.50 units ($0.07)") "It was charged all the same: {cost}. Change what the reason names before you submit again";
    task_failed_not_booked_hint() "This service books units when a task succeeds, and says no price of this one. Change what the reason names, and submit again";
    task_failed_unsaid_hint() "Whether it was charged, the service does not say: look into the account there. Change what the reason names before you submit again";
    download_stopped() "The download was stopped";
    download_stopped_hint() "Download it again";
    earlier_not_saved(task_id = "t-1", why = "The disk is full") "The result of task {task_id} could not be saved: {why}";
}
