//! The settings portal of a Linux desktop: read once, then followed by its signals.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use tokio::sync::oneshot;
use zbus::connection::Builder;
use zbus::zvariant::{OwnedValue, Value as Variant};
use zbus::{Connection, Proxy};

use super::Choice;
use crate::app::state::appearance::{APPEARANCE, Appearance, GNOME, Value};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const INTERFACE: &str = "org.freedesktop.portal.Settings";
/// Timeout of a call: the bus may have to start the portal first.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reports the desktop's preferences, now and at each change, until `closed` resolves. Blocks: run it on its own thread.
pub fn follow(choice: Choice, report: &dyn Fn(Appearance), closed: oneshot::Receiver<()>) {
    let last = Cell::new(Appearance::default());
    let remember = |appearance: Appearance| {
        last.set(appearance);
        report(appearance);
    };
    // zbus has its own executor: no runtime is needed here.
    zbus::block_on(async {
        let followed = std::pin::pin!(follow_until_lost(choice, &remember));
        if let Either::Left((lost, _)) = select(followed, closed).await {
            if let Err(err) = lost {
                tracing::debug!(%err, "no settings portal");
            }
            report(last.get().read());
        }
    });
}

async fn follow_until_lost(choice: Choice, report: &dyn Fn(Appearance)) -> zbus::Result<()> {
    let builder = match choice {
        Choice::Bus(address) => Builder::address(address.as_str())?,
        Choice::Session | Choice::Off => Builder::session()?,
    };
    let bus: Connection = builder.method_timeout(TIMEOUT).build().await?;
    let portal = Proxy::new(&bus, NAME, PATH, INTERFACE).await?;
    // Subscribed before the settings are read, so that no change is missed in between.
    let mut changes = portal.receive_signal("SettingChanged").await?;
    let all: HashMap<String, HashMap<String, OwnedValue>> =
        portal.call("ReadAll", &(&[APPEARANCE, GNOME][..],)).await?;
    let mut appearance = Appearance::default();
    for (namespace, settings) in &all {
        for (key, value) in settings {
            appearance.set(namespace, key, plain(value));
        }
    }
    report(appearance.read());
    while let Some(change) = changes.next().await {
        let body = change.body();
        let Ok((namespace, key, value)) = body.deserialize::<(&str, &str, Variant<'_>)>() else { continue };
        let before = appearance;
        appearance.set(namespace, key, plain(&value));
        if appearance != before {
            report(appearance.read());
        }
    }
    Ok(())
}

fn plain(value: &Variant<'_>) -> Value {
    match value {
        Variant::U32(number) => Value::Number(*number),
        Variant::Bool(switch) => Value::Switch(*switch),
        // Some portals wrap a value in a second variant.
        Variant::Value(inner) => plain(inner),
        _ => Value::Other,
    }
}
