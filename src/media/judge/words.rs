//! What users read about a result that was measured.

crate::model::texts! {
    // As a whole.
    as_asked() "As asked for";
    as_asked_but(what = "The picture is softer by 3.2 dB") "As asked for, with flaws: {what}";
    unclear(what = "The clip has no sound") "Not judged as a whole: {what}";
    not_as_asked(what = "The mouth does not move") "Not as asked for: {what}";

    // When a measure is good.
    good_moved() "The mouth moves at least twice as much as the cheeks";
    good_offset() "Within one picture";
    good_agreement(least = "0.35") "At least {least}";
    good_closures() "At least 80 %";
    good_leak() "At most 5 %";
    good_kept() "40 dB, or as good as our own encoder where that is less";
    good_sharp() "0.7 to 1.3 of the clip's";
    good_steady() "At most 1.3 of the clip's";
    good_same() "An SSIM of 0.98 or more";
    good_placed() "Within one picture and 1 dB";
    good_whole() "As the clip";

    // The voice in the result's sound.
    placed() "The voice is heard when, and as loud as, it was asked for";
    voice_not_heard() "The voice is not heard in the result";
    voice_late(ms = 200) "The voice is heard {ms} ms late";
    voice_early(ms = 200) "The voice is heard {ms} ms early";
    voice_loud(db = "3.0") "The voice is {db} dB too loud";
    voice_quiet(db = "3.0") "The voice is {db} dB too quiet";
    own_loud(db = "3.0") "The clip's own sound is {db} dB too loud";
    own_quiet(db = "3.0") "The clip's own sound is {db} dB too quiet";
    own_heard() "The clip's own sound is heard, and was asked to be silent";
    voice_silent() "The voice was asked for at volume 0";
    sound_unreadable(why = "Opus cannot be decoded here") "The sound of the result cannot be read: {why}";

    // The result as a file.
    whole() "Length, size, frame rate and sound are as asked";
    longer(seconds = "0.40") "It is {seconds} s longer than the clip";
    shorter(seconds = "0.40") "It is {seconds} s shorter than the clip";
    other_size(width = 960, height = 540, clip_width = 1280, clip_height = 720) "It is {width}×{height} px, and the clip {clip_width}×{clip_height}";
    other_rate(fps = "30.00", clip_fps = "25.00") "It has {fps} pictures a second, and the clip {clip_fps}";
    missing_frames(count = 7) "Pictures are missing: {count}";
    no_sound_track() "It has no sound";
    black(from = "2.00", length = "0.40") "It is black at {from} s for {length} s";
    frozen(from = "2.00", length = "0.40") "It is frozen at {from} s for {length} s";

    // The picture outside of the face.
    kept() "The picture outside of the face is the clip's";
    kept_softer(db = "1.2") "The picture outside of the face is the clip's; softer by {db} dB than our own encoder leaves it";
    softer(db = "3.2") "The picture is softer by {db} dB";
    other_face_changed(db = "12.0") "Another face is changed, by {db} dB";
    nothing_outside() "The face fills the picture";
    other_sizes() "Result and clip have different sizes";
    pictures_unreadable(why = "HEVC cannot be decoded here") "The pictures cannot be read: {why}";

    // The mouth.
    moved(times = "8.1") "The mouth moves {times} times as much as the cheeks";
    not_moved(times = "1.1") "The mouth does not move: {times} times as much as the cheeks";
    in_time(ms = 12) "The mouth moves with the voice ({ms} ms)";
    mouth_late(ms = 80) "The mouth is {ms} ms late";
    mouth_early(ms = 80) "The mouth is {ms} ms early";
    offset_unclear() "The mouth follows the voice too little to say by how much it is late or early";
    agrees(by = "0.52") "The mouth follows the voice ({by})";
    disagrees(by = "0.12") "The mouth hardly follows the voice ({by})";
    closures(closed = 7, asked = 8) "The lips close at {closed} of {asked} places";
    leaks(percent = 12) "In pauses the mouth moves {percent} % as much as in speech";
    no_leak(percent = 2) "The mouth is still in pauses ({percent} %)";
    sharp(times = "0.97") "The mouth is as sharp as the clip's ({times})";
    blurred(times = "0.55") "The mouth is softer than the clip's ({times})";
    oversharp(times = "1.55") "The mouth is sharper than the clip's, or noisy ({times})";
    steady(times = "1.02") "Nothing flickers around the mouth ({times})";
    flickers(times = "2.1") "It flickers around the mouth ({times})";
    same(ssim = "0.993") "Eyes and nose are the clip's ({ssim})";
    not_same(ssim = "0.941") "Eyes and nose differ from the clip's ({ssim})";

    // What could not be measured.
    no_faces() "No face was found in the clip";
    face_not_known() "Which of the clip's faces was asked for is not known here";
    face_hardly_seen(seen = 5, count = 80) "The face is seen in {seen} of {count} pictures while the voice is heard";
    face_blurred() "The face is not seen well enough for its mouth to be followed";
    face_small(px = 40) "The face is only {px} px large";
    mouth_still() "The mouth does not move";
    voice_short() "The voice is heard for less than a second";
    no_pause() "The voice has no pause of 0.3 s";
    no_closures() "The voice asks for fewer than three closures";
    no_detail() "The clip's face has no detail to compare with";
}
