//! Clips and voices: probe, decode, faces, sound, mouth, encode.
