//! The connections: how many there are at once, and how long one may say nothing.

use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::sandbox::stop::StopSignal;

/// The pause after an error of the system, such as too many open files.
const BREATH: Duration = Duration::from_millis(200);

/// What connections are allowed.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many there may be; one more waits until another ends.
    pub most: usize,
    /// How long the head of a request may take. A connection on which no request is begun ends after the same time.
    pub head: Duration,
}

/// Serves connections until the sandbox stops; answers that are being sent then still are.
pub async fn serve(listener: TcpListener, router: Router, connections: Connections, stop: StopSignal) {
    let permits = Arc::new(Semaphore::new(connections.most.max(1)));
    let mut open = JoinSet::new();
    loop {
        let next = async {
            // The semaphore is never closed.
            let permit = Arc::clone(&permits).acquire_owned().await.ok();
            (accept(&listener).await, permit)
        };
        tokio::select! {
            () = stop.stopped() => break,
            Some(_) = open.join_next() => {}
            (stream, permit) = next => {
                let (router, stop) = (router.clone(), stop.clone());
                open.spawn(async move {
                    converse(stream, router, connections.head, &stop).await;
                    drop(permit);
                });
            }
        }
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// The next connection. An error is of that connection, or passes.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(err) if is_of_connection(&err) => {}
            Err(err) => {
                tracing::warn!(%err, "no connection can be accepted just now");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

fn is_of_connection(err: &io::Error) -> bool {
    matches!(err.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

async fn converse(stream: TcpStream, router: Router, head: Duration, stop: &StopSignal) {
    // Answers are whole pieces: nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)));
    // How a connection ends is of no interest: its requests have had their answers, or nobody listens any more.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop.stopped() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
