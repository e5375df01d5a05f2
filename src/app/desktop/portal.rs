//! The settings portal of a Linux desktop: read once, and followed.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use tokio::sync::oneshot;
use zbus::connection::Builder;
use zbus::zvariant::{OwnedValue, Value as Variant};
use zbus::{Connection, Proxy};

use super::wish::{APPEARANCE, GNOME, Value, Wish};
use super::{Choice, Heard};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const INTERFACE: &str = "org.freedesktop.portal.Settings";
/// A portal may have to be started by the bus first.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Tells what the desktop asks for, now and whenever it changes, until `closed` is done. Blocks: for a thread of its own.
pub fn follow(choice: Choice, tell: &dyn Fn(Heard), closed: oneshot::Receiver<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        return tell(Heard::Silent);
    };
    runtime.block_on(async {
        let followed = std::pin::pin!(follow_until_lost(choice, tell));
        if let Either::Left((lost, _)) = select(followed, closed).await {
            if let Err(err) = lost {
                tracing::debug!(%err, "no settings portal");
            }
            tell(Heard::Silent);
        }
    });
}

async fn follow_until_lost(choice: Choice, tell: &dyn Fn(Heard)) -> zbus::Result<()> {
    let builder = match choice {
        Choice::Bus(address) => Builder::address(address.as_str())?,
        Choice::Session | Choice::Off => Builder::session()?,
    };
    let bus: Connection = builder.method_timeout(ANSWERS_WITHIN).build().await?;
    let portal = Proxy::new(&bus, NAME, PATH, INTERFACE).await?;
    // Before it is read, so that nothing is changed in between.
    let mut changes = portal.receive_signal("SettingChanged").await?;
    let all: HashMap<String, HashMap<String, OwnedValue>> =
        portal.call("ReadAll", &(&[APPEARANCE, GNOME][..],)).await?;
    let mut wish = Wish::default();
    for (namespace, settings) in &all {
        for (key, value) in settings {
            wish.take(namespace, key, plain(value));
        }
    }
    tell(Heard::Asks(wish));
    while let Some(change) = changes.next().await {
        let body = change.body();
        let Ok((namespace, key, value)) = body.deserialize::<(&str, &str, Variant<'_>)>() else { continue };
        let before = wish;
        wish.take(namespace, key, plain(&value));
        if wish != before {
            tell(Heard::Asks(wish));
        }
    }
    Ok(())
}

fn plain(value: &Variant<'_>) -> Value {
    match value {
        Variant::U32(number) => Value::Number(*number),
        Variant::Bool(switch) => Value::Switch(*switch),
        // Some portals wrap a value once more.
        Variant::Value(inner) => plain(inner),
        _ => Value::Other,
    }
}
