//! A program in the place of the system's voice.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Puts a program into a folder that is called as the system's voice on Linux, and writes this WAV.
pub fn install(folder: &Path, wav: &Path) {
    let program = folder.join("espeak-ng");
    let script = format!(
        "#!/bin/sh\nPATH=/usr/bin:/bin\nfor last; do :; done\ncat > /dev/null\ncp '{}' \"$last\"\n",
        wav.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
}
