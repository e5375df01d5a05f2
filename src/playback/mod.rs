//! Playback: pictures, clock, mixer, filmstrip, draft and sound output, without a window. Decoding runs on workers; pixels leave as
//! plain RGBA bytes, and the window is woken through a closure.

pub mod clock;
pub mod draft;
pub mod filmstrip;
mod frame_buffer;
pub mod image;
pub mod mixer;
pub mod picture;
pub mod sound;
pub mod source;
