//! Uploads, and files as a web server serves them.

use std::time::Duration;

use reqwest::header::{CONTENT_RANGE, ETAG, IF_NONE_MATCH, RANGE};
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use viseme::sandbox::{Clock, SandboxConfig};

use crate::support::{Client, http, raw, read};

#[tokio::test]
async fn an_upload_is_served_with_ranges_and_its_bytes_are_counted() {
    let client = Client::shared();
    let bytes: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
    let upload = client.upload("my%20clip%20%C3%BC.bin", bytes.clone()).await;
    assert_eq!((upload["bytes"].as_u64(), upload["kind"].as_str()), (Some(200_000), Some("other")), "{upload}");
    let url = upload["url"].as_str().unwrap();
    assert!(url.ends_with("/my%20clip%20%C3%BC.bin"), "{url}");
    let http = http();
    let whole = http.get(url).send().await.unwrap();
    assert_eq!(whole.status(), StatusCode::OK);
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    let etag = whole.headers()[ETAG].clone();
    assert_eq!(whole.bytes().await.unwrap(), bytes);
    let part = http.get(url).header(RANGE, "bytes=65530-65549").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()[CONTENT_RANGE], "bytes 65530-65549/200000");
    assert_eq!(part.bytes().await.unwrap(), bytes[65_530..65_550]);
    let end = http.get(url).header(RANGE, "bytes=-5").send().await.unwrap();
    assert_eq!(end.bytes().await.unwrap(), bytes[199_995..]);
    let beyond = http.get(url).header(RANGE, "bytes=200000-").send().await.unwrap();
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.headers()[CONTENT_RANGE], "bytes */200000");
    let known = http.get(url).header(IF_NONE_MATCH, etag.clone()).send().await.unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let other_edition = http.get(url).header(RANGE, "bytes=0-1").header("if-range", "\"other\"").send().await.unwrap();
    assert_eq!(other_edition.status(), StatusCode::OK);
    let head = http.head(url).send().await.unwrap();
    assert_eq!((head.status(), head.content_length()), (StatusCode::OK, Some(0)));
    assert_eq!(head.headers()["content-length"], "200000");
}

#[tokio::test]
async fn an_upload_is_limited_in_size_and_name() {
    let client = Client::shared();
    let announced = client.request(Method::PUT, "/media/big.mp4").body(vec![0; 101 << 20]).send().await.unwrap();
    read(announced).await.refused(400, 1201, "105906176 bytes > 104857600 bytes (100 MB)");
    let pieces = futures_util::stream::iter((0..101).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 1 << 20])));
    let chunked =
        client.request(Method::PUT, "/media/big.mp4").body(reqwest::Body::wrap_stream(pieces)).send().await.unwrap();
    read(chunked).await.refused(400, 1201, "> 104857600 bytes (100 MB)");
    let long = client.request(Method::PUT, &format!("/media/{}", "x".repeat(201))).body("x").send().await.unwrap();
    read(long).await.refused(400, 1201, "name: A name has at most 200 characters");
    let slash = client.request(Method::PUT, "/media/..%2F..%2Fetc").body("x").send().await.unwrap();
    read(slash).await.refused(400, 1201, "no slash");
}

#[tokio::test]
async fn a_file_called_dot_or_dot_dot_has_an_address_that_clients_keep() {
    let client = Client::new().await;
    let key = client.sandbox().key().expose_secret().to_owned();
    for name in [".", "..", "%2E%2E"] {
        let head = format!("PUT /media/{name} HTTP/1.1\r\nhost: {}\r\n", client.sandbox().addr());
        let request =
            format!("{head}authorization: Bearer {key}\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
        let answer = raw(client.sandbox().addr(), &request).await;
        let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        let url = body["data"]["url"].as_str().unwrap();
        assert_eq!(http().get(url).send().await.unwrap().text().await.unwrap(), "hello", "{url}");
    }
}

#[tokio::test]
async fn files_are_removed_after_30_days_of_the_sandboxs_clock() {
    let clock = Clock::default();
    let client = Client::with(SandboxConfig { clock: clock.clone(), ..SandboxConfig::default() }).await;
    let upload = client.upload("a.bin", vec![1; 10]).await;
    let url = upload["url"].as_str().unwrap();
    clock.advance(Duration::from_hours(30 * 24 - 1));
    assert_eq!(http().get(url).send().await.unwrap().status(), StatusCode::OK);
    clock.advance(Duration::from_hours(1));
    read(http().get(url).send().await.unwrap()).await.refused(404, 1203, "older than 30 days");
}
