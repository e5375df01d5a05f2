//! `viseme storage`: set up storage of one's own, check it, list and delete what lies there. And what `--storage` gets ready.

use std::path::Path;

use serde_json::json;

use super::args::{StorageAct, StorageArgs, StorageCleanArgs, StorageSetArgs};
use super::console::Console;
use super::{Failed, connect, exit, words};
use crate::engine::{
    Clock, KeySource, Storage, StorageKeySearch, StoredObject, entered_storage_keys, file_problem, find_storage_keys,
    local_days, shell,
};
use crate::model::{BucketPlace, Problem, ProblemKind, StorageCommand, StoragePlace};
use crate::preferences;
use crate::secrets::{KeyStore as _, Keychain, KeychainError, key_file, storage_account};

/// Runs the command; returns the exit code.
pub async fn run(args: &StorageArgs, console: &Console) -> Result<u8, Failed> {
    match &args.command {
        StorageAct::Set(args) => set(args, console).await?,
        StorageAct::Command(args) => {
            let command = of_this_folder(args.command());
            Storage::command(command.clone())?;
            for argument in &command.arguments {
                if Path::new(argument).is_relative() && Path::new(argument).is_file() {
                    console.note(&words::storage_argument_is_relative(argument));
                }
            }
            keep(Some(StoragePlace::Command(command.clone())))?;
            console.result(&words::storage_set(command_line(&command)))?;
            shown(console, Some(&StoragePlace::Command(command)), None)?;
        }
        StorageAct::Show(_) => show(console).await?,
        StorageAct::Check(_) => check(console).await?,
        StorageAct::List(_) => list(console).await?,
        StorageAct::Clean(args) => clean(args, console).await?,
        StorageAct::Forget(_) => forget(console).await?,
    }
    Ok(exit::DONE)
}

/// The command as it is kept: it is run from any folder, and a program that is named by a path is found from all of them.
fn of_this_folder(command: StorageCommand) -> StorageCommand {
    match std::env::current_dir() {
        Ok(folder) => command.in_folder(&folder),
        Err(_) => command,
    }
}

/// The storage that is set up, with its keys, for `--storage`.
///
/// # Errors
/// [`ProblemKind::Usage`]: none is set up, or it has no keys.
pub async fn ready(console: &Console) -> Result<Storage, Problem> {
    match place()? {
        StoragePlace::Command(command) => Storage::command(command),
        StoragePlace::Bucket(place) => {
            let search = search(&place).await?;
            if let Some(why @ KeychainError::Late) = &search.keychain {
                console.note(&words::keychain_absent(why));
            }
            let found = search.found.ok_or_else(|| {
                Problem::new(ProblemKind::Usage, words::storage_no_keys(place.name()))
                    .with_hint(words::storage_no_keys_hint())
            })?;
            Storage::bucket(place, &found.keys)
        }
    }
}

/// Deletes what a job has put into the storage, where that is wanted. What cannot be deleted is said: the job is done all the same.
pub async fn tidy(storage: &Storage, console: &Console) {
    match storage.tidy().await {
        Ok(0) => {}
        Ok(count) => console.say(&words::storage_tidied(count)),
        Err(problem) => console.warn(&words::storage_not_tidied(problem)),
    }
}

fn place() -> Result<StoragePlace, Problem> {
    let settings = preferences::settings_file();
    let found = preferences::look(&settings);
    found.settings.storage.ok_or_else(|| match found.problem {
        // It may be in there.
        Some(problem) => Problem::new(ProblemKind::File, problem),
        None => Problem::new(ProblemKind::Usage, words::storage_not_set()).with_hint(words::storage_not_set_hint()),
    })
}

fn keep(place: Option<StoragePlace>) -> Result<(), Problem> {
    let settings = preferences::settings_file();
    preferences::set_storage(&settings, place)
        .map_err(|err| Problem::new(ProblemKind::File, words::settings_unwritable(settings.display(), err)))
}

async fn search(place: &BucketPlace) -> Result<StorageKeySearch, Problem> {
    let place = place.clone();
    connect::blocking(move || {
        let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        find_storage_keys(&place, Some(&Keychain), variable, &key_file::path())
    })
    .await
}

async fn set(args: &StorageSetArgs, console: &Console) -> Result<(), Problem> {
    let place = args.place();
    place.check()?;
    let path = key_file::path();
    if args.file && !args.yes {
        let problem = Problem::new(ProblemKind::Usage, words::file_needs_yes(path.display()));
        return Err(problem.with_hint(words::file_needs_yes_hint()));
    }
    let source = if args.no_keys {
        search(&place).await?.found.map(|found| found.source)
    } else {
        let account = storage_account(&place);
        let (in_file, text) = (args.file, connect::text_of_input(console, &words::storage_keys_are_typed()).await?);
        let source = connect::blocking(move || {
            let keys = entered_storage_keys(&text)?;
            if in_file {
                key_file::keep(&path, &account, &keys).map_err(|err| file_problem(&path, &err))?;
                return Ok(KeySource::File(path));
            }
            Keychain.keep(&account, &keys).map_err(|why| {
                Problem::new(ProblemKind::Usage, words::storage_keys_not_kept(why))
                    .with_hint(words::storage_keys_not_kept_hint())
            })?;
            Ok(KeySource::Keychain)
        });
        Some(source.await?)
    };
    let place = StoragePlace::Bucket(place);
    keep(Some(place.clone()))?;
    console.result(&words::storage_set(place.name()))?;
    if source.is_none() {
        console.note(&words::storage_no_keys_hint());
    }
    shown(console, Some(&place), source.as_ref())
}

async fn show(console: &Console) -> Result<(), Problem> {
    let place = place()?;
    let mut source = None;
    match &place {
        StoragePlace::Command(command) => console.result(&command_line(command))?,
        StoragePlace::Bucket(bucket) => {
            let search = search(bucket).await?;
            if let Some(why @ (KeychainError::Late | KeychainError::Refused(_))) = &search.keychain {
                console.note(&words::keychain_absent(why));
            }
            source = search.found.map(|found| found.source);
            let keys = source.as_ref().map_or_else(words::part_no_key, ToString::to_string);
            let after = if bucket.delete_after { words::part_deleted_after() } else { words::part_kept_after() };
            console.row(&["endpoint", bucket.endpoint.as_str()])?;
            console.row(&["region", bucket.region.as_str()])?;
            console.row(&["bucket", bucket.bucket.as_str()])?;
            console.row(&["prefix", bucket.prefix.as_str()])?;
            console.row(&["hours", &bucket.hours.to_string()])?;
            console.row(&["objects", &after])?;
            console.row(&["keys", &keys])?;
        }
    }
    shown(console, Some(&place), source.as_ref())
}

/// Puts a small file there and takes it away again. Each step is said.
async fn check(console: &Console) -> Result<(), Problem> {
    let storage = ready(console).await?;
    let until_ms = storage.check().await?;
    console.result(&words::storage_check_put(storage.name()))?;
    if let Some(until_ms) = until_ms {
        console.result(&words::storage_check_address(local_days::text(until_ms)))?;
        console.result(&words::storage_check_gone())?;
    }
    shown(console, Some(&place()?), None)
}

async fn list(console: &Console) -> Result<(), Problem> {
    let objects = ready(console).await?.list().await?;
    for object in &objects {
        row(console, object)?;
    }
    report(console, &objects)
}

async fn clean(args: &StorageCleanArgs, console: &Console) -> Result<(), Problem> {
    let storage = ready(console).await?;
    let older_ms = i64::try_from(args.older_than.as_millis()).unwrap_or(i64::MAX);
    let before_ms = Clock::system().now_ms().saturating_sub(older_ms);
    let objects = storage.list().await?;
    let all = objects.len();
    // Of what is not known when it was put there it is not known how old it is.
    let is_old = |object: &StoredObject| args.all || object.put_ms.is_some_and(|put_ms| put_ms < before_ms);
    let old: Vec<_> = objects.into_iter().filter(is_old).collect();
    for object in &old {
        storage.delete(&object.key).await?;
        row(console, object)?;
    }
    console.say(&words::storage_cleaned(old.len(), all - old.len()));
    report(console, &old)
}

async fn forget(console: &Console) -> Result<(), Problem> {
    let place = place()?;
    if let StoragePlace::Bucket(bucket) = &place {
        let (account, path) = (storage_account(bucket), key_file::path());
        let of_chain = connect::blocking(move || {
            key_file::forget(&path, &account).map_err(|err| file_problem(&path, &err))?;
            Ok(Keychain.forget(&account))
        });
        if let Err(why @ (KeychainError::Late | KeychainError::Refused(_))) = of_chain.await? {
            console.warn(&words::key_not_forgotten(why));
        }
    }
    keep(None)?;
    console.result(&words::storage_forgotten(place.name()))?;
    shown(console, None, None)
}

fn row(console: &Console, object: &StoredObject) -> Result<(), Problem> {
    let none = || "-".to_owned();
    let size = object.size_bytes.map_or_else(none, |bytes| bytes.to_string());
    console.row(&[object.key.clone(), size, object.put_ms.map_or_else(none, local_days::text)])
}

fn report(console: &Console, objects: &[StoredObject]) -> Result<(), Problem> {
    if !console.is_json() {
        return Ok(());
    }
    let of =
        |object: &StoredObject| json!({"key": object.key, "size_bytes": object.size_bytes, "put_ms": object.put_ms});
    console.object(json!({"objects": objects.iter().map(of).collect::<Vec<_>>(), "problem": null}))
}

fn shown(console: &Console, place: Option<&StoragePlace>, source: Option<&KeySource>) -> Result<(), Problem> {
    if !console.is_json() {
        return Ok(());
    }
    console.object(json!({"storage": place, "keys": source.map(ToString::to_string), "problem": null}))
}

/// The command as it could be typed, with its arguments.
fn command_line(command: &StorageCommand) -> String {
    let words = std::iter::once(&command.program).chain(&command.arguments);
    words.map(|word| shell::quoted(word)).collect::<Vec<_>>().join(" ")
}
