//! What a person set, and what is remembered between two runs: values and their file. No egui.
