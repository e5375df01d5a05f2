//! The voice of the system: `espeak-ng` on Linux and BSD, `say` on macOS, System.Speech on Windows. A program of a stranger: it gets the text by
//! standard input, no word of it through a shell, and none of our variables, in which a key may be.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::media_work::WorkError;
use super::speech::SpeechRequest;
use super::words;
use crate::media::Job;

/// How often it is looked whether the program has ended.
const TICK: Duration = Duration::from_millis(10);
/// How much of what it says of an error is told, in bytes.
const MOST_WORDS: u64 = 400;
/// What the names of our own variables begin with.
const OWN_VARIABLES: &str = "VISEME_";

/// Where programs are looked for; `None`: as the system does.
pub type ProgramPath = Option<OsString>;

/// Why nothing was spoken.
#[derive(Debug, PartialEq, Eq)]
pub enum SystemVoiceError {
    /// There is no such program on this machine.
    None,
    /// It could not be done.
    Work(WorkError),
}

impl From<io::Error> for SystemVoiceError {
    fn from(err: io::Error) -> Self {
        Self::Work(WorkError::Internal(words::system_voice_failed(PROGRAM, &err)))
    }
}

/// Speaks a text into a WAV file. Blocks; ends when the job is cancelled.
///
/// # Errors
/// There is no program for it, or it failed.
pub fn speak(request: &SpeechRequest, to: &Path, path: &ProgramPath, job: &Job) -> Result<(), SystemVoiceError> {
    let mut command = command(request, to);
    let own = std::env::vars_os().map(|(name, _)| name);
    for name in own.filter(|name| name.to_string_lossy().to_ascii_uppercase().starts_with(OWN_VARIABLES)) {
        command.env_remove(name);
    }
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(err) if err.kind() == ErrorKind::NotFound => return Err(SystemVoiceError::None),
        Err(err) => return Err(err.into()),
    };
    let ended = feed(&mut child, &request.text).and_then(|()| wait(&mut child, job));
    let ended = ended.inspect_err(|_| {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    });
    match ended? {
        None => Err(SystemVoiceError::Work(WorkError::File(words::stopping()))),
        Some(true) => Ok(()),
        Some(false) => {
            let why = said(&mut child);
            Err(SystemVoiceError::Work(WorkError::File(words::system_voice_failed(PROGRAM, &why))))
        }
    }
}

fn feed(child: &mut Child, text: &str) -> io::Result<()> {
    let Some(mut input) = child.stdin.take() else { return Ok(()) };
    match input.write_all(text.as_bytes()).and_then(|()| input.write_all(b"\n")) {
        // It ended without reading: its status says why.
        Err(err) if err.kind() == ErrorKind::BrokenPipe => Ok(()),
        fed => fed,
    }
}

/// Whether it succeeded; `None`: the job was cancelled, and the program with it.
fn wait(child: &mut Child, job: &Job) -> io::Result<Option<bool>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if job.is_cancelled() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        sleep(TICK);
    }
}

fn said(child: &mut Child) -> String {
    let mut text = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        // What it has said so far is enough.
        let _ = stderr.take(MOST_WORDS).read_to_end(&mut text);
    }
    let text = String::from_utf8_lossy(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { words::part_no_reason() } else { text }
}

/// Which of so many voices an id stands for: always the same.
#[cfg(not(any(windows, target_os = "macos")))]
fn number_of(voice_id: &str, count: usize) -> usize {
    voice_id.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte))) % count
}

#[cfg(not(any(windows, target_os = "macos")))]
const PROGRAM: &str = "espeak-ng";

/// Words a minute at speed 1.
#[cfg(not(windows))]
const WORDS_A_MINUTE: f64 = 165.0;

#[cfg(not(any(windows, target_os = "macos")))]
fn command(request: &SpeechRequest, to: &Path) -> Command {
    /// Variants that every installation has, so that two ids of voices are told apart.
    const VARIANTS: [&str; 8] = ["m1", "f1", "m2", "f2", "m3", "f3", "m4", "f4"];
    let language = if request.is_chinese { "cmn" } else { "en" };
    let variant = VARIANTS[number_of(&request.voice_id, VARIANTS.len())];
    let mut command = Command::new(PROGRAM);
    command.args(["-v", &format!("{language}+{variant}")]);
    command.args(["-s", &format!("{:.0}", WORDS_A_MINUTE * request.speed)]);
    // UTF-8, whatever the locale.
    command.args(["-b", "1", "--stdin", "-w"]).arg(to);
    command
}

#[cfg(target_os = "macos")]
const PROGRAM: &str = "say";

#[cfg(target_os = "macos")]
fn command(request: &SpeechRequest, to: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    if request.is_chinese {
        command.args(["-v", "Tingting"]);
    }
    command.args(["-r", &format!("{:.0}", WORDS_A_MINUTE * request.speed)]);
    command.args(["--file-format=WAVE", "--data-format=LEI16@22050", "-f", "-", "-o"]).arg(to);
    command
}

#[cfg(windows)]
const PROGRAM: &str = "powershell.exe";

#[cfg(windows)]
fn command(request: &SpeechRequest, to: &Path) -> Command {
    /// Everything that varies comes by the environment and standard input: no word of a request is part of the script.
    const SCRIPT: &str = "$ErrorActionPreference = 'Stop'; [Console]::InputEncoding = [Text.Encoding]::UTF8; \
         $text = [Console]::In.ReadToEnd(); Add-Type -AssemblyName System.Speech; \
         $voice = New-Object System.Speech.Synthesis.SpeechSynthesizer; $voice.Rate = [int]$env:SPEECH_RATE; \
         $voice.SelectVoiceByHints('NotSet', 'NotSet', 0, [Globalization.CultureInfo]::new($env:SPEECH_CULTURE)); \
         $voice.SetOutputToWaveFile($env:SPEECH_FILE); $voice.Speak($text); $voice.Dispose()";
    // -10 to 10, a third and three times as fast: the logarithm of the speed.
    let rate = (request.speed.ln() / 3.0_f64.ln() * 10.0).round();
    let mut command = Command::new(PROGRAM);
    command.args(["-NoProfile", "-NonInteractive", "-Command", SCRIPT]);
    command.env("SPEECH_RATE", format!("{rate:.0}"));
    command.env("SPEECH_CULTURE", if request.is_chinese { "zh-CN" } else { "en-US" });
    command.env("SPEECH_FILE", to);
    // Without a window of its own.
    std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0800_0000);
    command
}

#[cfg(all(test, not(any(windows, target_os = "macos"))))]
#[allow(clippy::unwrap_used, reason = "clippy does not see that these are tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A folder with a program of that name, which is this script.
    fn with_program(script: &str) -> (tempfile::TempDir, ProgramPath) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(PROGRAM);
        std::fs::write(&program, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = Some(folder.path().as_os_str().to_owned());
        (folder, path)
    }

    fn request(text: &str) -> SpeechRequest {
        SpeechRequest { text: text.into(), voice_id: "uk_man2".into(), is_chinese: false, speed: 2.0 }
    }

    fn spoken(script: &str, text: &str) -> (Result<(), SystemVoiceError>, String) {
        let (folder, path) = with_program(script);
        let to = folder.path().join("out");
        let done = speak(&request(text), &to, &path, &Job::new());
        (done, std::fs::read_to_string(&to).unwrap_or_default())
    }

    #[test]
    fn the_text_comes_by_standard_input_and_no_word_of_it_is_an_argument() {
        // The last argument is the file.
        let echo = "for last; do :; done\n{ echo \"$@\"; cat; } > \"$last\"";
        let text = "--stdout -f /etc/passwd $(id) `id` \"; rm";
        let (done, written) = spoken(echo, text);
        done.unwrap();
        let (arguments, input) = written.split_once('\n').unwrap();
        assert!(arguments.starts_with("-v en+") && arguments.contains("-s 330 -b 1 --stdin -w"), "{arguments}");
        assert!(!arguments.contains("passwd") && input == format!("{text}\n"), "{input}");
    }

    #[test]
    fn the_system_voice_gets_no_key() {
        // Its environment is ours without our variables: those of this process are not set by a test, so that the rule itself is checked.
        let (folder, path) = with_program("for last; do :; done\nenv > \"$last\"");
        let to = folder.path().join("out");
        speak(&request("Hello"), &to, &path, &Job::new()).unwrap();
        let written = std::fs::read_to_string(&to).unwrap();
        assert!(written.contains("PATH=") && !written.contains(OWN_VARIABLES), "{written}");
    }

    #[test]
    fn what_is_not_there_fails_or_hangs_is_told_apart() {
        let none = Some(OsString::from("/nonexistent"));
        let to = Path::new("/nonexistent/out");
        assert_eq!(speak(&request("Hello"), to, &none, &Job::new()), Err(SystemVoiceError::None));
        let (done, _) = spoken("echo no such voice >&2; exit 1", "Hello");
        let Err(SystemVoiceError::Work(WorkError::File(why))) = done else { panic!("{done:?}") };
        assert!(why.contains("no such voice"), "{why}");
        let stopped = Job::new();
        stopped.cancel();
        let (_folder, path) = with_program("exec sleep 600");
        assert!(speak(&request("Hello"), to, &path, &stopped).is_err());
    }
}
