//! The beginning of what is at an address, and how long it is in all: enough to compare it with a file, or to see that it is there.

use tokio::time::{Instant, timeout_at};

use super::hop::{Asked, Part};
use super::incoming::{Begins, Incoming};
use super::{Fetcher, duration};
use crate::model::Problem;
use crate::service::{fault, words};

/// The beginning of what is at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Its first bytes: as many as were asked for, or all that there are.
    pub bytes: Vec<u8>,
    /// How many bytes it has in all, where the server says so or has sent all.
    pub total_bytes: Option<u64>,
}

impl Fetcher {
    /// Fetches the first `most` bytes of `address`. Of a server that knows no ranges, no more than those are taken.
    ///
    /// # Errors
    /// No answer, a refusal, or a body that breaks off before that.
    pub async fn beginning(&self, address: &str, most: u64) -> Result<Beginning, Problem> {
        self.beginning_for("compare", address, most).await
    }

    /// [`Fetcher::beginning`], recorded as an exchange of this name.
    pub(super) async fn beginning_for(
        &self,
        operation: &'static str,
        address: &str,
        most: u64,
    ) -> Result<Beginning, Problem> {
        let deadline = Instant::now() + duration(self.limits().preview_ms);
        let read = async {
            let asked = Asked { operation, address, accept: "*/*", part: Some(Part::First(most)) };
            let mut incoming = self.get(&asked).await?;
            let read = read_beginning(&mut incoming, most).await;
            incoming.end(read)
        };
        timeout_at(deadline, read).await.unwrap_or_else(|_| Err(fault::no_answer(words::beginning_late())))
    }
}

async fn read_beginning(incoming: &mut Incoming, most: u64) -> Result<Beginning, Problem> {
    let total_bytes = match incoming.begins() {
        Begins::AtStart => incoming.length(),
        Begins::At { from_byte: 0, total_bytes } => total_bytes,
        Begins::At { .. } | Begins::Nowhere => return Err(fault::no_answer(words::result_other_part())),
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    while bytes.len() < most {
        match incoming.piece().await {
            Ok(Some(piece)) => bytes.extend_from_slice(&piece[..piece.len().min(most - bytes.len())]),
            Ok(None) => break,
            Err(broken) => return Err(fault::no_answer(words::result_broke_off(bytes.len(), broken.why()))),
        }
    }
    // An end before the end of what was asked for is that of the whole.
    let total_bytes = total_bytes.or((bytes.len() < most).then_some(bytes.len() as u64));
    Ok(Beginning { bytes, total_bytes })
}
