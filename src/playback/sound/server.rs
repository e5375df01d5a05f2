//! Where the sound server is: its socket, and the cookie that it wants to see. The search is libpulse's.

use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use super::backend::SoundError;

/// A sound server on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its socket.
    pub socket: PathBuf,
    /// The file with its cookie.
    pub cookie: Option<PathBuf>,
}

/// Finds the sound server of this session.
///
/// # Errors
/// There is none, or the environment names one that is not on this machine.
pub fn find() -> Result<Server, SoundError> {
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let sockets = sockets(variable, || std::fs::metadata("/proc/self").ok().map(|me| me.uid()))?;
    let is_socket = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
    let socket = sockets
        .iter()
        .find(|path| is_socket(path))
        .cloned()
        .ok_or_else(|| SoundError("Neither PulseAudio nor PipeWire is running".into()))?;
    let cookie = cookies(variable).into_iter().find(|path| path.is_file());
    Ok(Server { socket, cookie })
}

/// Where a socket may be, the best first. What `PULSE_SERVER` names counts alone.
fn sockets(
    variable: impl Fn(&str) -> Option<String>,
    uid: impl Fn() -> Option<u32>,
) -> Result<Vec<PathBuf>, SoundError> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(named) = set("PULSE_SERVER") {
        let paths: Vec<PathBuf> = named.split_whitespace().filter_map(unix_path).collect();
        if paths.is_empty() {
            return Err(SoundError(format!("PULSE_SERVER={named} names no socket on this machine")));
        }
        return Ok(paths);
    }
    let mut paths = Vec::new();
    if let Some(folder) = set("PULSE_RUNTIME_PATH") {
        paths.push(Path::new(&folder).join("native"));
    }
    if let Some(folder) = set("XDG_RUNTIME_DIR") {
        paths.push(Path::new(&folder).join("pulse/native"));
    }
    if let Some(uid) = uid() {
        paths.push(PathBuf::from(format!("/run/user/{uid}/pulse/native")));
    }
    paths.push(PathBuf::from("/run/pulse/native"));
    paths.push(PathBuf::from("/var/run/pulse/native"));
    Ok(paths)
}

/// `unix:/path`, `/path`, and either behind the `{…}` of a machine.
fn unix_path(named: &str) -> Option<PathBuf> {
    let named = named.strip_prefix('{').map_or(Some(named), |rest| rest.split_once('}').map(|(_, rest)| rest))?;
    let path = named.strip_prefix("unix:").unwrap_or(named);
    path.starts_with('/').then(|| PathBuf::from(path))
}

fn cookies(variable: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let mut paths = Vec::new();
    paths.extend(set("PULSE_COOKIE"));
    paths.extend(set("XDG_CONFIG_HOME").map(|folder| folder.join("pulse/cookie")));
    if let Some(home) = set("HOME") {
        paths.push(home.join(".config/pulse/cookie"));
        paths.push(home.join(".pulse-cookie"));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn what_is_named_counts_alone_and_may_be_written_in_several_ways() {
        for named in ["unix:/a/b", "/a/b", "{0123abcd}unix:/a/b", "tcp:host {x}/a/b"] {
            let found = sockets(of(&[("PULSE_SERVER", named), ("XDG_RUNTIME_DIR", "/run/me")]), || Some(7)).unwrap();
            assert_eq!(found, [PathBuf::from("/a/b")], "{named}");
        }
        let err = sockets(of(&[("PULSE_SERVER", "tcp:host:4713")]), || None).unwrap_err();
        assert!(err.0.contains("tcp:host:4713"), "{err}");
    }

    #[test]
    fn else_it_is_looked_for_where_sessions_keep_theirs() {
        let found = sockets(of(&[("XDG_RUNTIME_DIR", "/run/me"), ("PULSE_SERVER", "")]), || Some(1000)).unwrap();
        assert_eq!(found[0], PathBuf::from("/run/me/pulse/native"));
        assert_eq!(found[1], PathBuf::from("/run/user/1000/pulse/native"));
        let found = sockets(of(&[("PULSE_RUNTIME_PATH", "/p"), ("XDG_RUNTIME_DIR", "/r")]), || None).unwrap();
        assert_eq!(found[..2], [PathBuf::from("/p/native"), PathBuf::from("/r/pulse/native")]);
    }

    #[test]
    fn a_cookie_is_looked_for_where_libpulse_does() {
        let found = cookies(of(&[("PULSE_COOKIE", "/c"), ("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")]));
        let expected = ["/c", "/x/pulse/cookie", "/h/.config/pulse/cookie", "/h/.pulse-cookie"];
        assert_eq!(found, expected.map(PathBuf::from));
        assert!(cookies(of(&[])).is_empty());
    }
}
