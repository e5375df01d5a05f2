//! Pictures and sound of clip, draft and result, ready for a window to show: decoding, clock, mixing, film strip, draft. No egui.
