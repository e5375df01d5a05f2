//! Files as a web server serves them: `Range`, `HEAD`, `If-None-Match`, content types. They need no key: the addresses cannot be
//! guessed, and clients fetch results without one.

use std::io::SeekFrom;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::files::hex;
use crate::sandbox::assets::{AssetError, Origin};
use crate::sandbox::core::Core;
use crate::sandbox::file_store::StoredFile;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::words;

const PIECE_BYTES: u64 = 64 * 1024;

/// What is served.
enum Content {
    Disk(Arc<StoredFile>),
    Memory(Bytes),
}

impl Content {
    fn size_bytes(&self) -> u64 {
        match self {
            Self::Disk(file) => file.size_bytes(),
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    fn etag(&self) -> String {
        match self {
            Self::Disk(file) => format!("\"{}\"", file.sha256()),
            Self::Memory(bytes) => format!("\"{}\"", hex(&Sha256::digest(bytes))),
        }
    }
}

/// An upload or a result.
///
/// # Errors
/// There is none, or it cannot be read.
pub async fn asset(core: &Core, headers: &HeaderMap, id: &str, origin: Origin) -> Result<Response, Refusal> {
    let asset = core.storage.assets.find(core.clock.now_ms(), id, origin).map_err(|err| {
        Refusal::not_found(match err {
            AssetError::NotFound => words::file_not_found(id),
            AssetError::Expired => words::file_expired(id),
        })
    })?;
    serve(headers, Content::Disk(asset.file), asset.kind.content_type()).await
}

/// The preview of a face.
///
/// # Errors
/// There is none.
pub fn face_image(core: &Core, headers: &HeaderMap, token: &str, face_id: &str) -> Result<Response, Refusal> {
    let session = core.storage.sessions.by_image_token(core.clock.now_ms(), token);
    let face = session.as_ref().and_then(|session| session.analysis.face(face_id));
    let face = face.ok_or_else(|| Refusal::not_found(words::face_image_not_found()))?;
    let content = Content::Memory(face.preview_jpeg.clone().into());
    Ok(answer(headers, &content, "image/jpeg", |range| memory_body(&content, range)))
}

async fn serve(headers: &HeaderMap, content: Content, content_type: &'static str) -> Result<Response, Refusal> {
    let Content::Disk(stored) = &content else {
        return Ok(answer(headers, &content, content_type, |range| memory_body(&content, range)));
    };
    // Opened before the answer begins, and held: a file that is removed while it is fetched still arrives whole.
    let file = tokio::fs::File::open(stored.path()).await.map_err(Refusal::internal)?;
    Ok(answer(headers, &content, content_type, |range| disk_body(file, Arc::clone(stored), range)))
}

fn memory_body(content: &Content, (first, length): (u64, u64)) -> Body {
    match content {
        Content::Memory(bytes) => Body::from(bytes.slice(first as usize..(first + length) as usize)),
        Content::Disk(_) => Body::empty(),
    }
}

fn disk_body(file: tokio::fs::File, stored: Arc<StoredFile>, (first, length): (u64, u64)) -> Body {
    let begin = (file, stored, Some(first), length);
    Body::from_stream(futures_util::stream::try_unfold(begin, |(mut file, stored, seek, left)| async move {
        if let Some(first) = seek {
            file.seek(SeekFrom::Start(first)).await?;
        }
        if left == 0 {
            return Ok::<_, std::io::Error>(None);
        }
        let mut piece = vec![0; left.min(PIECE_BYTES) as usize];
        let read = file.read(&mut piece).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        piece.truncate(read);
        Ok(Some((Bytes::from(piece), (file, stored, None, left - read as u64))))
    }))
}

/// The answer to a GET of `content`; `body` makes the body of a first byte and a length.
fn answer(
    headers: &HeaderMap,
    content: &Content,
    content_type: &'static str,
    body: impl FnOnce((u64, u64)) -> Body,
) -> Response {
    let (size, etag) = (content.size_bytes(), content.etag());
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let common = [
        (ETAG, etag.clone()),
        (ACCEPT_RANGES, "bytes".into()),
        (CACHE_CONTROL, "private, max-age=3600".into()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
    ];
    let matches = |list: &str| {
        list.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim().trim_start_matches("W/") == etag)
    };
    if text(IF_NONE_MATCH).is_some_and(matches) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    // A range of another edition of the file would be worse than the whole.
    let range = text(RANGE).filter(|_| text(IF_RANGE).is_none_or(|tag| tag.trim() == etag));
    match range.map_or(Wanted::Whole, |range| read_range(range, size)) {
        Wanted::Whole => {
            let length = [(CONTENT_TYPE, content_type.to_owned()), (CONTENT_LENGTH, size.to_string())];
            (StatusCode::OK, common, length, body((0, size))).into_response()
        }
        Wanted::Part(first, last) => {
            let length = last - first + 1;
            let of_part = [
                (CONTENT_TYPE, content_type.to_owned()),
                (CONTENT_LENGTH, length.to_string()),
                (CONTENT_RANGE, format!("bytes {first}-{last}/{size}")),
            ];
            (StatusCode::PARTIAL_CONTENT, common, of_part, body((first, length))).into_response()
        }
        Wanted::Nothing => {
            (StatusCode::RANGE_NOT_SATISFIABLE, common, [(CONTENT_RANGE, format!("bytes */{size}"))]).into_response()
        }
    }
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// Everything; also where the header is not understood, or asks for several parts, as RFC 9110 allows.
    Whole,
    /// First and last byte.
    Part(u64, u64),
    /// Nothing that is there.
    Nothing,
}

fn read_range(header: &str, size: u64) -> Wanted {
    let Some((first, last)) = header.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Wanted::Whole;
    };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if last < first => Wanted::Whole,
        (Ok(first), _) if first >= size && (last.trim().is_empty() || last.trim().parse::<u64>().is_ok()) => {
            Wanted::Nothing
        }
        (Ok(first), Ok(last)) => Wanted::Part(first, last.min(size - 1)),
        (Ok(first), Err(_)) if last.trim().is_empty() => Wanted::Part(first, size - 1),
        (Err(_), Ok(0)) if first.trim().is_empty() => Wanted::Nothing,
        (Err(_), Ok(_)) if first.trim().is_empty() && size == 0 => Wanted::Nothing,
        (Err(_), Ok(count)) if first.trim().is_empty() => Wanted::Part(size.saturating_sub(count), size - 1),
        _ => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        let cases = [
            ("bytes=0-0", Wanted::Part(0, 0)),
            ("bytes=2-", Wanted::Part(2, 9)),
            ("bytes=-3", Wanted::Part(7, 9)),
            ("bytes=-30", Wanted::Part(0, 9)),
            ("bytes=5-99", Wanted::Part(5, 9)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("lines=1-2", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
        ];
        for (header, wanted) in cases {
            assert_eq!(read_range(header, 10), wanted, "{header}");
        }
        assert_eq!(read_range("bytes=0-", 0), Wanted::Nothing);
    }
}
