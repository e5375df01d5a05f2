//! What ends early: requests whose caller hangs up, and everything when the sandbox stops.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::routing::get;
use reqwest::Method;
use serde_json::json;
use tokio::sync::Notify;

use crate::support::{Client, IDENTIFY, read, serve};

/// A server whose clip never ends. Notifies when it is asked for, and when its caller hangs up.
async fn endless_clip() -> (String, Arc<Notify>, Arc<Notify>) {
    struct NotifyOnDrop(Arc<Notify>);
    impl Drop for NotifyOnDrop {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let (asked, hung_up) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (on_asked, on_hung_up) = (Arc::clone(&asked), Arc::clone(&hung_up));
    let clip = move || {
        on_asked.notify_one();
        let until_dropped = NotifyOnDrop(Arc::clone(&on_hung_up));
        async move {
            Body::from_stream(futures_util::stream::unfold(until_dropped, |until_dropped| async {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                Some((Ok::<_, std::io::Error>(Bytes::from_static(&[0])), until_dropped))
            }))
        }
    };
    let base = serve(axum::Router::new().route("/clip.mp4", get(clip))).await;
    (format!("{base}/clip.mp4"), asked, hung_up)
}

#[tokio::test]
async fn a_request_is_cancelled_when_its_caller_hangs_up() {
    let client = Client::new().await;
    let (url, asked, hung_up) = endless_clip().await;
    let request = client.request(Method::POST, IDENTIFY).body(json!({"video_url": url}).to_string());
    let request = tokio::spawn(request.send());
    asked.notified().await;
    request.abort();
    hung_up.notified().await;
}

#[tokio::test]
async fn stopping_answers_the_requests_that_wait() {
    let client = Client::new().await;
    let (url, asked, hung_up) = endless_clip().await;
    let waiting =
        tokio::spawn(client.request(Method::POST, IDENTIFY).body(json!({"video_url": url}).to_string()).send());
    asked.notified().await;
    client.own.unwrap().shutdown().await;
    read(waiting.await.unwrap().unwrap()).await.refused(503, 5001, "The sandbox is stopping");
    hung_up.notified().await;
}
