//! Storage of one's own: where local files are put so that a service can fetch them from an address.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use super::words;
use super::{Problem, ProblemKind};

/// A session lives this long, and an address must hold at least as long: in hours.
pub const LEAST_HOURS: u32 = 24;
/// The longest time for which S3 signs an address: a week, in hours.
pub const MOST_HOURS: u32 = 7 * 24;
/// The hexadecimal digits of a SHA-256.
const HASH_DIGITS: usize = 64;
/// The longest extension that a key takes from a file's name.
const LONGEST_EXTENSION: usize = 5;

/// Where local files are put. Never a secret: the keys of a bucket are kept like those of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoragePlace {
    /// A bucket that speaks S3.
    Bucket(BucketPlace),
    /// A program that puts a file somewhere and prints its address.
    Command(StorageCommand),
}

impl StorageCommand {
    /// The same with a program that is found from any folder: what is named by a path is in `folder`, unless that is whole. A bare name is looked for
    /// where the system has its programs.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        let program = Path::new(&self.program);
        if program.components().count() > 1
            && let Some(whole) = folder.join(program).components().collect::<PathBuf>().to_str()
        {
            whole.clone_into(&mut self.program);
        }
        self
    }
}

impl StoragePlace {
    /// What it is called in messages: `clips at s3.example.com`, or the program.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Bucket(place) => place.name(),
            Self::Command(command) => command.program.clone(),
        }
    }
}

/// A bucket that speaks S3: of AWS, R2, MinIO, OSS, B2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketPlace {
    /// The address of the storage, without the bucket: `https://s3.eu-west-1.amazonaws.com`.
    pub endpoint: String,
    /// The region that signatures name; `auto` for R2.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// What every key begins with: empty, or a folder as in `viseme/`.
    pub prefix: String,
    /// Whether the bucket stands in the path of an address and not in its host; `None`: as the endpoint has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_style: Option<bool>,
    /// How long an address holds, in hours.
    pub hours: u32,
    /// Whether an object is deleted once a task of it has ended.
    pub delete_after: bool,
}

impl Default for BucketPlace {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            region: "us-east-1".into(),
            bucket: String::new(),
            prefix: "viseme/".into(),
            path_style: None,
            hours: LEAST_HOURS,
            delete_after: false,
        }
    }
}

/// Hosts that want the bucket before them: of all others the path is understood.
const BUCKET_HOSTS: [&str; 3] = [".amazonaws.com", ".aliyuncs.com", ".myqcloud.com"];

impl BucketPlace {
    /// The same without white space around its parts, and with a prefix that ends a folder.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        for part in [&mut self.endpoint, &mut self.region, &mut self.bucket, &mut self.prefix] {
            *part = part.trim().to_owned();
        }
        self.endpoint = self.endpoint.trim_end_matches('/').to_owned();
        let prefix = self.prefix.trim_matches('/');
        self.prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        self
    }

    /// What is wrong with it.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: the part that cannot be used.
    pub fn check(&self) -> Result<Url, Problem> {
        let wrong = |words: String| Problem::new(ProblemKind::Usage, words);
        let url = Url::parse(&self.endpoint)
            .map_err(|err| wrong(words::endpoint_unreadable(err)).with_hint(words::endpoint_hint()))?;
        let is_bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        let is_http = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
        if !is_http || !is_bare || url.fragment().is_some() {
            return Err(wrong(words::endpoint_unusable()).with_hint(words::endpoint_hint()));
        }
        if self.region.is_empty() || !self.region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(wrong(words::region_unusable()).with_hint(words::region_hint()));
        }
        // Old buckets have capitals and underscores.
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if self.bucket.len() < 3 || !self.bucket.chars().all(fits) || self.bucket.contains("..") {
            return Err(wrong(words::bucket_unusable()).with_hint(words::bucket_hint()));
        }
        let is_part = |part: &str| !part.is_empty() && part != "." && part != "..";
        let prefix = self.prefix.trim_end_matches('/');
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/');
        if !prefix.is_empty() && (!prefix.split('/').all(is_part) || !prefix.chars().all(is_plain)) {
            return Err(wrong(words::prefix_unusable()).with_hint(words::prefix_hint()));
        }
        if !(LEAST_HOURS..=MOST_HOURS).contains(&self.hours) {
            return Err(wrong(words::hours_unusable(LEAST_HOURS, MOST_HOURS)));
        }
        Ok(url)
    }

    /// Whether the bucket stands in the path: an address by number and a name with dots (no certificate has both) leave no other way.
    #[must_use]
    pub fn is_path_style(&self) -> bool {
        self.path_style.unwrap_or_else(|| {
            let host = Url::parse(&self.endpoint).ok().and_then(|url| url.host_str().map(str::to_owned));
            let host = host.unwrap_or_default().to_ascii_lowercase();
            self.bucket.contains('.') || !BUCKET_HOSTS.iter().any(|end| host.ends_with(end))
        })
    }

    /// `clips at s3.example.com`.
    #[must_use]
    pub fn name(&self) -> String {
        let url = Url::parse(&self.endpoint).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or(&self.endpoint);
        words::part_bucket_at(&self.bucket, host)
    }

    /// The key of a content: the same content has one key, whatever its file is called. `sha256` is in lower case.
    #[must_use]
    pub fn key_of(&self, sha256: &str, file_name: &str) -> String {
        let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        let fits = |text: &String| {
            (1..=LONGEST_EXTENSION).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let extension = extension.filter(fits).map(|text| format!(".{text}")).unwrap_or_default();
        format!("{}{sha256}{extension}", self.prefix)
    }

    /// Whether a key is one that [`BucketPlace::key_of`] makes: nothing else is listed, and nothing else deleted.
    #[must_use]
    pub fn is_ours(&self, key: &str) -> bool {
        let Some(name) = key.strip_prefix(&self.prefix) else { return false };
        let (hash, extension) = name.split_once('.').unwrap_or((name, "x"));
        let is_hash = hash.len() == HASH_DIGITS && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_extension = (1..=LONGEST_EXTENSION).contains(&extension.len());
        is_hash && is_extension && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

/// A program that puts a file somewhere and prints its address: `rclone`, `aws`, a script. It is started with these arguments, never through a shell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StorageCommand {
    /// The program: a name that the system finds, or a path.
    pub program: String,
    /// Its arguments. `{file}` stands for the path of the file; where it stands nowhere, the path is the last argument.
    pub arguments: Vec<String>,
}

/// What stands for the path of the file.
const FILE: &str = "{file}";

impl StorageCommand {
    /// The arguments for this file.
    #[must_use]
    pub fn arguments_for(&self, path: &str) -> Vec<String> {
        let mut arguments: Vec<String> = self.arguments.iter().map(|argument| argument.replace(FILE, path)).collect();
        if !self.arguments.iter().any(|argument| argument.contains(FILE)) {
            arguments.push(path.to_owned());
        }
        arguments
    }
}

/// A file that is where a service can fetch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Where: signed, in a bucket.
    pub address: String,
    /// Until when the address holds, in milliseconds since the epoch; `None`: not known.
    pub until_ms: Option<i64>,
    /// Whether the same content was there before, and nothing was uploaded.
    pub was_there: bool,
}

impl StoredFile {
    /// A file at an address of which no more is known.
    #[must_use]
    pub fn at(address: impl Into<String>) -> Self {
        Self { address: address.into(), until_ms: None, was_there: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> BucketPlace {
        let (endpoint, bucket) = ("https://s3.example.com".into(), "clips".into());
        BucketPlace { endpoint, bucket, ..BucketPlace::default() }
    }

    #[test]
    fn a_program_that_is_named_by_a_path_is_found_from_any_folder() {
        let kept = |program: &str| {
            let command = StorageCommand { program: program.into(), arguments: vec!["{file}".into()] };
            command.in_folder("/home/me".as_ref()).program
        };
        assert_eq!(kept("rclone"), "rclone", "the system finds it");
        assert_eq!(kept("/usr/bin/aws"), "/usr/bin/aws");
        let whole = Path::new("/home/me").join("bin/up.sh");
        assert_eq!(Path::new(&kept("bin/up.sh")), whole);
        assert_eq!(Path::new(&kept("./up.sh")), Path::new("/home/me").join("up.sh"));
    }

    #[test]
    fn what_cannot_be_a_bucket_is_named() {
        assert!(place().check().is_ok());
        assert!(BucketPlace { prefix: String::new(), region: "auto".into(), ..place() }.check().is_ok());
        for (wrong, named) in [
            (BucketPlace { endpoint: "s3.example.com".into(), ..place() }, "address"),
            (BucketPlace { endpoint: "ftp://s3.example.com".into(), ..place() }, "http"),
            (BucketPlace { endpoint: "https://me:word@s3.example.com".into(), ..place() }, "http"),
            (BucketPlace { endpoint: "https://s3.example.com/?a=b".into(), ..place() }, "http"),
            (BucketPlace { region: "eu west".into(), ..place() }, "region"),
            (BucketPlace { region: String::new(), ..place() }, "region"),
            (BucketPlace { bucket: "a/b".into(), ..place() }, "bucket"),
            (BucketPlace { bucket: "..".into(), ..place() }, "bucket"),
            (BucketPlace { prefix: "../other/".into(), ..place() }, "prefix"),
            (BucketPlace { prefix: "a//b/".into(), ..place() }, "prefix"),
            (BucketPlace { hours: 1, ..place() }, "24"),
            (BucketPlace { hours: 200, ..place() }, "168"),
        ] {
            let problem = wrong.check().unwrap_err();
            assert!(problem.kind == ProblemKind::Usage && problem.message.contains(named), "{wrong:?}: {problem}");
            assert!(!problem.message.contains("word"), "{problem}");
        }
        let loose = BucketPlace { endpoint: " https://a.b/ ".into(), prefix: "/x/y//".into(), ..place() }.tidied();
        assert_eq!((loose.endpoint.as_str(), loose.prefix.as_str()), ("https://a.b", "x/y/"));
    }

    #[test]
    fn the_bucket_stands_where_its_storage_looks_for_it() {
        for (endpoint, bucket, is_path) in [
            ("https://s3.eu-west-1.amazonaws.com", "clips", false),
            ("https://oss-cn-hangzhou.aliyuncs.com", "clips", false),
            ("https://s3.eu-west-1.amazonaws.com", "my.clips", true),
            ("https://1234.r2.cloudflarestorage.com", "clips", true),
            ("http://127.0.0.1:9000", "clips", true),
        ] {
            let place = BucketPlace { endpoint: endpoint.into(), bucket: bucket.into(), ..BucketPlace::default() };
            assert_eq!(place.is_path_style(), is_path, "{endpoint}");
            assert!(!BucketPlace { path_style: Some(false), ..place }.is_path_style());
        }
    }

    #[test]
    fn a_key_is_that_of_the_content_and_known_again() {
        let hash = "0123456789abcdef".repeat(4);
        for (name, end) in [("My clip.MP4", ".mp4"), ("clip", ""), ("a.b.mov", ".mov"), ("x.m/p", ""), ("x.ü", "")] {
            let key = place().key_of(&hash, name);
            assert_eq!(key, format!("viseme/{hash}{end}"), "{name}");
            assert!(place().is_ours(&key));
        }
        let upper = hash.to_uppercase();
        for other in ["viseme/readme.txt", &hash, &format!("viseme/{upper}.mp4"), &format!("viseme/{hash}.mp4/x")] {
            assert!(!place().is_ours(other), "{other}");
        }
    }

    #[test]
    fn the_file_stands_where_the_arguments_want_it_else_last() {
        let command = |arguments: &[&str]| StorageCommand {
            program: "p".into(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        };
        assert_eq!(command(&["-v"]).arguments_for("/a b.mp4"), ["-v", "/a b.mp4"]);
        assert_eq!(command(&["x={file}", "-q"]).arguments_for("/a;b"), ["x=/a;b", "-q"]);
    }
}
