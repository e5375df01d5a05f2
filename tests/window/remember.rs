//! *Remember this key*, with a keychain of the test's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use egui::Vec2;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tempfile::TempDir;
use viseme::app::{Options, Window};
use viseme::engine::environment_key_in;
use viseme::model::Dialect;
use viseme::secrets::{KeyStore, KeychainError, StoredKey, account};

use crate::history::options_in;
use crate::hostile::{self, Hostile, KEY};
use crate::money;
use crate::support::Desk;

#[derive(Debug, Default)]
struct Keychain {
    kept: Mutex<HashMap<String, StoredKey>>,
    is_locked: bool,
}

impl Keychain {
    fn open(&self) -> Result<std::sync::MutexGuard<'_, HashMap<String, StoredKey>>, KeychainError> {
        if self.is_locked { Err(KeychainError::Late) } else { Ok(self.kept.lock().unwrap()) }
    }
}

impl KeyStore for Keychain {
    fn read(&self, account: &str) -> Result<Option<StoredKey>, KeychainError> {
        Ok(self.open()?.get(account).cloned())
    }

    fn keep(&self, account: &str, key: &StoredKey) -> Result<(), KeychainError> {
        self.open()?.insert(account.to_owned(), key.clone());
        Ok(())
    }

    fn forget(&self, account: &str) -> Result<bool, KeychainError> {
        Ok(self.open()?.remove(account).is_some())
    }
}

fn open_at(server: &Hostile, folder: TempDir, keychain: &Arc<Keychain>, environment: Option<&str>) -> Desk {
    let options = Options {
        profiles: vec![hostile::profile(&server.base(), Dialect::Kling)],
        profile: "hostile".into(),
        key_store: Some(Arc::clone(keychain) as Arc<dyn KeyStore>),
        environment_key: environment_key_in(|name| environment.filter(|_| name == "VISEME_KEY").map(str::to_owned)),
        ..options_in(folder.path())
    };
    let harness = Harness::builder()
        .with_size(Vec2::new(1280.0, 800.0))
        .build_eframe(|cc| Window::new(cc, options).expect("a window"));
    Desk { harness, folder }
}

fn reopen_at(server: &Hostile, desk: Desk, keychain: &Arc<Keychain>) -> Desk {
    let Desk { harness, folder } = desk;
    drop(harness);
    open_at(server, folder, keychain, None)
}

#[test]
fn a_key_is_remembered_where_the_person_wants_that_found_again_and_forgotten() {
    let (_runtime, server) = money::service(&Arc::default());
    let keychain = Arc::new(Keychain::default());
    let mut desk = open_at(&server, tempfile::tempdir().unwrap(), &keychain, None);
    money::open_keys(&mut desk);
    money::enter_key(&mut desk, KEY);
    assert!(keychain.kept.lock().unwrap().is_empty(), "nothing is kept unasked");

    money::open_keys(&mut desk);
    desk.harness.get_by_role_and_label(Role::CheckBox, "Remember this key").click();
    desk.wait("a word on what that means", |desk| desk.has("Kept in the keychain of this machine"));
    desk.button("Use this key").click();
    desk.wait("the key to be kept", |desk| desk.has("is kept in the keychain"));
    let expected = account(&hostile::profile(&server.base(), Dialect::Kling));
    assert!(desk.has("key from the keychain"), "it says where it is from now on");
    assert_eq!(keychain.kept.lock().unwrap().keys().collect::<Vec<_>>(), [&expected]);

    let mut desk = reopen_at(&server, desk, &keychain);
    desk.wait("the key", |desk| desk.has("key from the keychain"));
    money::find_faces(&mut desk);
    assert_eq!(server.requests().last().unwrap().header("authorization"), Some(format!("Bearer {KEY}").as_str()));

    money::open_keys(&mut desk);
    desk.button("Forget it").click();
    desk.wait("an empty keychain", |desk| desk.has("is forgotten"));
    assert!(keychain.kept.lock().unwrap().is_empty());
    assert!(desk.harness.state().view().shell.has_key(), "for this run it stays");
    let mut desk = reopen_at(&server, desk, &keychain);
    desk.wait("the service without a key", |desk| desk.has("no key") || desk.has("Enter key"));
    assert!(!desk.harness.state().view().shell.has_key());
}

#[test]
fn a_locked_keychain_counts_as_absent_and_the_environment_is_asked() {
    let (_runtime, server) = money::service(&Arc::default());
    let keychain = Arc::new(Keychain { is_locked: true, ..Keychain::default() });
    let mut desk = open_at(&server, tempfile::tempdir().unwrap(), &keychain, Some("key-of-environment"));
    desk.wait("the other key", |desk| desk.has("key from VISEME_KEY"));
    assert!(desk.has("No key is taken from the keychain: the keychain is locked"));
    money::open_keys(&mut desk);
    desk.harness.get_by_role_and_label(Role::CheckBox, "Remember this key").click();
    desk.harness.run_steps(2);
    money::enter_key(&mut desk, KEY);
    desk.wait("why it is not kept", |desk| desk.has("is in use and not kept: the keychain is locked"));
}
