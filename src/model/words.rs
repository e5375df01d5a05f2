//! Every text of this floor that reaches a person: what broken, doubtful and unchecked rules say, and notes on a placement. A key that
//! begins with `part_` is a part of a sentence.

super::texts! {
    // The clip.
    clip_container(container = "avi") "The file is {container}, and the service takes mp4 and mov only";
    clip_size(bytes = 104_857_601, most = 104_857_600) "The clip is larger than 100 MB: {bytes} bytes > {most} bytes";
    clip_length(why = "65.1 s is longer than 60 s") "The clip of {why}";
    clip_too_small(size = "640×360", side_px = 360, least_px = 512) "The clip is too small ({size}): the shorter side {side_px} px < {least_px} px";
    clip_too_large(size = "2304×1296", side_px = 2_304, most_px = 2_160) "The clip is too large ({size}): the longer side {side_px} px > {most_px} px";
    clip_unusual(size = "640×640") "{size} is neither 1280×720 nor 1920×1080; what counts as 720p or 1080p here is not documented";
    clip_hdr(codec = "HEVC", hdr = "HLG") "{codec}, HDR ({hdr}) shown in standard range";
    clip_codec(codec = "AV1") "The clip is {codec}, which the sandbox cannot decode; convert it, for example with HandBrake or ffmpeg -c:v libx264";

    // What is wrong with a clip or voice, and what is done about it.
    clip_not_decoded(codec = "AV1") "The picture is {codec}, which cannot be decoded here: it is neither shown nor made to fit. ffmpeg converts it";
    clip_hevc_left_out() "The picture is HEVC, and this program was built without it: use one with the feature `hevc`, or convert the clip with ffmpeg";
    clip_too_large_to_decode(side_px = 7_680, most_px = 4_096) "The picture is {side_px} px long, and at most {most_px} px are decoded here. ffmpeg makes it smaller";
    fit_not_decoded(why = "The picture is AV1, which cannot be decoded here") "{why}: `ffmpeg -i CLIP -c:v libx264 -pix_fmt yuv420p -c:a aac FITTED.mp4`, for a large picture with `-vf scale=-2:1080`";
    fit_clip_too_short(duration_ms = 1_500) "The clip lasts {duration_ms} ms, and at least 2000 ms are needed: choose a longer one";
    fit_part_backwards(start_ms = 9_000, end_ms = 5_000) "The part begins at {start_ms} ms, and ends before that or there, at {end_ms} ms: choose a later end";
    fit_part_outside(start_ms = 8_000, end_ms = 9_500, duration_ms = 9_000) "The part from {start_ms} ms to {end_ms} ms is not within the {duration_ms} ms of the file: choose another";
    fit_part_wrong_length(part_ms = 1_000) "The part lasts {part_ms} ms, and 2000 ms to 60000 ms are allowed: choose another";
    fit_part_empty(start_ms = 5_000, end_ms = 5_000) "There is nothing from {start_ms} ms to {end_ms} ms: choose another part";
    fit_cut(start_s = 0.0_f64, end_s = 60.0_f64) "Cut to the part from {start_s} s to {end_s} s";
    fit_part_wanted() "A part of it was asked for";
    fit_scale(width_px = 1_920, height_px = 1_080) "Scaled to {width_px}×{height_px}, with black bars where its shape is another";
    fit_size_wanted() "Another size was asked for";
    fit_smaller() "Encoded to less than 100 MB";
    fit_written_as_mp4() "Written as MP4";
    fit_codec_wrong(codec = "HEVC") "The picture is {codec}, which not every service decodes";
    fit_codec_done() "Encoded as H.264";
    fit_hdr_wrong(hdr = "HLG") "The picture is of high dynamic range ({hdr}), and services show it pale";
    fit_hdr_done() "Brought to standard range (BT.709)";
    fit_variable_wrong() "The pictures are unevenly spaced";
    fit_rate_wrong(fps = 240.0_f64) "{fps} pictures a second are unusual";
    fit_rate_done(fps = 30.0_f64) "Brought to a constant {fps} pictures a second";
    fit_sound_wrong(codec = "PCM") "The sound is {codec}";
    fit_sound_done() "Encoded as AAC";
    fit_wav() "Written as WAV: 16 bit, one channel, 24 kHz";
    fit_voice_too_long(duration_ms = 71_000) "The voice lasts {duration_ms} ms, and at most 60000 ms are allowed";
    fit_voice_too_short(duration_ms = 1_200) "The voice lasts {duration_ms} ms, and at least 2000 ms are needed";
    fit_padded() "Silence added at its end, to 2 s";
    fit_voice_quiet(level = -34.0_f64) "The voice is quiet ({level:.0} dB)";
    fit_louder(gain = 12.0_f64) "Raised by {gain:.0} dB";

    // The voice.
    voice_silent() "The voice is silent from its beginning to its end: nobody hears it, and no mouth moves to it";
    voice_format(format = "flac") "The file is {format}, and the service takes mp3, wav, m4a and aac only";
    voice_format_doubtful(format = "M4A") "{format} is documented, yet services were seen to refuse it with 1201 \"Audio format is invalid\"; a WAV or MP3 is safe";
    voice_size(bytes = 5_242_881, most = 5_242_880) "The voice is larger than 5 MB: {bytes} bytes > {most} bytes";
    voice_length(why = "65.1 s is longer than 60 s", whole = "; the whole file counts, not the part that is heard") "The voice of {why}{whole}";
    part_whole_file() "; the whole file counts, not the part that is heard";
    voice_unknown() "The length of the voice is not known";

    // The placement.
    starts_before_voice(s = -1) "The voice cannot be heard from before its beginning: sound_start_time {s} ms < 0";
    starts_after_voice(s = 9_000, voice_ms = 8_258) "The part that is heard begins after the voice has ended: sound_start_time {s} ms >= {voice_ms} ms";
    nothing_heard(s = 3_000, e = 3_000) "Nothing of the voice is heard: sound_start_time {s} ms >= sound_end_time {e} ms";
    ends_after_voice(over_ms = 1, e = 8_001, voice_ms = 8_000) "The part that is heard ends {over_ms} ms after the voice: sound_end_time {e} ms > {voice_ms} ms";
    too_little_heard(length = "1.5 s", s = 0, e = 1_500, crop_ms = 1_500, least_ms = 2_000) "Only {length} of the voice are heard, and at least 2 s are needed: {e} - {s} = {crop_ms} ms < {least_ms} ms";
    begins_before_clip(i = -1) "The voice begins before the clip: sound_insert_time {i} ms < 0";
    clip_unknown() "The length of the clip is not known";
    ends_after_clip(over_ms = 1, i = 4_001, crop_ms = 5_000, end_ms = 9_001, clip_ms = 9_000) "The voice ends {over_ms} ms after the clip: {i} + {crop_ms} = {end_ms} ms > {clip_ms} ms";
    face_unknown() "The service did not say when the face is in view";
    face_just_long_enough(overlap_ms = 2_010, margin_ms = 50) "The voice is heard for {overlap_ms} ms while the face is in view, just above the least; the service may see the face leave up to {margin_ms} ms earlier";
    face_too_short(length = "1 s", fs = 2_000, fe = 3_000, in_view_ms = 1_000, least_ms = 2_000) "This face is in view for {length} only, and any placement needs 2 s: {fe} - {fs} = {in_view_ms} ms < {least_ms} ms";
    crop_too_short(length = "1.5 s", crop_ms = 1_500, least_ms = 2_000) "Only {length} of the voice are heard: {crop_ms} ms < {least_ms} ms";
    too_late_for_face(fe = 7_000, i = 5_001, left_ms = 1_999, least_ms = 2_000) "The voice starts too late for the face: {fe} - {i} = {left_ms} ms < {least_ms} ms";
    too_early_for_face(i = 999, crop_ms = 3_000, fs = 2_000, in_view_ms = 1_999, least_ms = 2_000) "The voice ends too early for the face: {i} + {crop_ms} - {fs} = {in_view_ms} ms < {least_ms} ms";
    volume(field = "sound_volume", volume = 2.1) "A volume goes from 0 to 2: {field} {volume}";

    // Where the mouth is.
    mouth_out_of_range(value = 1.2_f32, least = 0.12_f32, most = 0.8_f32) "Expected a number from {least} to {most}, in sides of the face's box, got {value}";

    // Whether a face is fit.
    face_fit(face = "Face 2") "{face} is fit";
    face_risky(face = "Face 2", why = "it is 80 px large in the picture, and less than 100 px is little") "{face} is risky: {why}";
    face_unfit(face = "Face 2", why = "it is blurred") "{face} is unfit, and a good result is not to be expected: {why}";
    face_not_measured_address() "Not measured: the clip is not on this machine";
    face_not_measured_here(face = "Face 2") "Not measured: {face} was not found in the clip on this machine";
    part_face_small(size = 80.0_f32, least = 100.0_f32) "it is {size:.0} px large in the picture, and less than {least:.0} px is little";
    part_face_seldom_seen(percent = 80.0_f32) "it was found in {percent:.0} % of the frames only";
    part_face_blurred() "it is blurred";
    part_face_turned() "it is turned away, lit from one side or partly covered";
    part_face_sways() "the head turns to and fro";
    part_face_never_shut() "its mouth is never seen closed, so that a pause has to be drawn";
    part_face_cut() "the picture cuts once while it speaks";
    part_face_cuts(count = 3) "the picture cuts {count} times while it speaks";

    // Notes.
    unseen_before_and_after(before = "1.3 s", after = "1.9 s", face = "Face 2") "The voice is heard for {before} before and {after} after {face} is in view: no mouth moves there";
    unseen_before(before = "1.3 s", face = "Face 2") "The voice is heard for {before} before {face} is in view: no mouth moves there";
    unseen_after(after = "1.9 s", face = "Face 2") "The voice is heard for {after} after {face} is in view: no mouth moves there";
    left_out(length = "2.9 s") "The last {length} of the voice are cut off, because the clip ends";

    // The check of a service.
    clock_agrees() "This machine's clock agrees with the service's";
    clock_ahead(seconds = 600) "This machine's clock is {seconds} s ahead of the service's";
    clock_behind(seconds = 600) "This machine's clock is {seconds} s behind the service's";
    part_package_left(remaining = 995.5, total = 1_000.0) "{remaining} of {total} units left";
    part_package_remaining(remaining = 995.5) "{remaining} units left";
    part_package_at_once(count = 5) "{count} tasks at once";
    part_package_ends(when = "Tue, 14 Nov 2023 22:13:20 GMT") "until {when}";

    // The account.
    account_without_package() "No package is active: what is created is paid from the balance, or refused";
    account_little_left(remaining = 9.5, total = 100.0) "{remaining} of {total} units are left; the service says so up to 12 hours late";
    account_ends_soon(name = "Video-5Con-30Days", when = "in 3 days") "The package {name} ends {when}";
    part_within_a_day() "within a day";
    part_in_one_day() "in one day";
    part_in_days(days = 3) "in {days} days";

    // Text to speech.
    no_language(word = "de") "No voice has the language {word}: zh or en";
    speech_empty() "The text is empty";
    speech_too_long(chars = 1_001, most = 1_000) "The text has {chars} characters, and at most {most} are spoken";
    speech_without_voice() "The id of the voice is missing";
    speech_likely_short(seconds = 1.2) "The text is likely to last {seconds:.1} s, and lip sync takes a voice of 2 s and more";
    speech_likely_long(seconds = 71.5) "The text is likely to last {seconds:.1} s, and lip sync takes a voice of at most 60 s";

    // Storage of one's own.
    endpoint_unreadable(err = "relative URL without a base") "The endpoint of the storage is not an address: {err}";
    endpoint_unusable() "The endpoint of the storage is not an http or https address alone";
    endpoint_hint() "Give it as the storage's pages show it, without the bucket: https://s3.eu-west-1.amazonaws.com";
    region_unusable() "The region of the storage is missing, or has other signs than letters, digits and hyphens";
    region_hint() "Give the bucket's region, as in eu-west-1; auto for R2, us-east-1 where the storage has none";
    bucket_unusable() "That is no name of a bucket";
    bucket_hint() "Give the name alone, without the address: 3 or more letters, digits, hyphens and dots";
    prefix_unusable() "The prefix cannot be used: it is a folder in the bucket, of letters, digits, hyphens, dots and underscores";
    prefix_hint() "Give it as viseme/, or leave it empty";
    hours_unusable(least = 24, most = 168) "An address holds {least} to {most} hours: a session lives {least} hours, and S3 signs for a week at most";
    part_bucket_at(bucket = "clips", host = "s3.example.com") "{bucket} at {host}";
    voice_size_storage(size_bytes = 6_000_000_u64, most_bytes = 5_242_880_u64) "The voice has {size_bytes} bytes, more than the {most_bytes} that can be sent along: it goes through your storage, and the service may refuse it all the same";

    // Profiles.
    no_dialect(word = "klingon") "No dialect is called {word}: kling or kirin";
}
