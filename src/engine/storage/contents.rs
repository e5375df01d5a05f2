//! What lies in the bucket, with what is known of it here: an object is named by its content, so a file of this machine is found there by its hash.

use std::path::PathBuf;

use super::{Storage, StoredObject};
use crate::model::Problem;
use crate::service::Content;

/// A file of this machine that may lie in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// The file.
    pub path: PathBuf,
    /// Whether something that has not ended may still fetch it.
    pub is_needed: bool,
}

/// An object, and what is known of it here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownObject {
    /// The object.
    pub object: StoredObject,
    /// The name of the file with the same content, where there is one on this machine.
    pub name: Option<String>,
    /// Whether something that has not ended may still fetch it.
    pub is_needed: bool,
}

impl Storage {
    /// What lies in the bucket, the newest first. Of `files` only those are read whose size an object has; one that cannot be read is not known.
    ///
    /// # Errors
    /// As [`Storage::list`].
    pub async fn contents(&self, files: Vec<KnownFile>) -> Result<Vec<KnownObject>, Problem> {
        let mut found: Vec<KnownObject> =
            self.list().await?.into_iter().map(|object| KnownObject { object, name: None, is_needed: false }).collect();
        found.sort_by(|one, two| (two.object.put_ms, &one.object.key).cmp(&(one.object.put_ms, &two.object.key)));
        for file in files {
            let size = tokio::fs::metadata(&file.path).await.map(|facts| facts.len()).ok();
            if !found.iter().any(|known| size.is_some() && known.object.size_bytes == size) {
                continue;
            }
            let Ok(content) = Content::of_file(&file.path).await else { continue };
            let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned());
            for known in found.iter_mut().filter(|known| known.object.key.contains(&content.sha256)) {
                known.is_needed |= file.is_needed;
                known.name = known.name.take().or_else(|| name.clone());
            }
        }
        Ok(found)
    }
}
