//! Playback: pictures, clock, mixer, filmstrip, waveform, draft and sound output, without a window. Decoding runs on workers; pixels
//! leave as plain RGBA bytes, and the window is woken through a closure.

mod clock;
pub mod draft;
pub mod filmstrip;
mod frame_buffer;
mod frame_times;
pub mod image;
mod mixer;
mod picture;
pub mod player;
pub mod sound;
mod soundtrack;
mod source;
mod stop;
pub mod verdict;
pub mod waveform;
