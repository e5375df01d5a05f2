//! A service elsewhere that is reached through a proxy: the environment's, and that of the settings.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use crate::program::{KEY, Program, finish};
use crate::scripted::Scripted;
use crate::tls::Authority;

/// A proxy that knows one host, and what it saw: the heads of requests, and every byte that went to the host.
struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    /// Whatever name is asked for leads to this port of this machine.
    fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), heads: Arc::default(), sent: Arc::default() };
        let (heads, sent) = (Arc::clone(&proxy.heads), Arc::clone(&proxy.sent));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (heads, sent) = (Arc::clone(&heads), Arc::clone(&sent));
                thread::spawn(move || tunnel(&client, port, &heads, &sent));
            }
        });
        proxy
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Answers one CONNECT, and passes bytes on both ways until either side ends.
fn tunnel(client: &TcpStream, port: u16, heads: &Mutex<Vec<String>>, sent: &Mutex<Vec<u8>>) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let is_tunnel = head.starts_with("CONNECT ");
    heads.lock().unwrap().push(head);
    let mut answers = client.try_clone().ok()?;
    if !is_tunnel {
        answers.write_all(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n").ok()?;
        return None;
    }
    let host = TcpStream::connect(("127.0.0.1", port)).ok()?;
    answers.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let mut from_host = host.try_clone().ok()?;
    let back = thread::spawn(move || {
        let _ = std::io::copy(&mut from_host, &mut answers);
        let _ = answers.shutdown(Shutdown::Write);
    });
    let (mut host, mut bytes) = (host, [0; 16 * 1024]);
    while let Ok(count @ 1..) = reader.read(&mut bytes) {
        sent.lock().unwrap().extend_from_slice(&bytes[..count]);
        host.write_all(&bytes[..count]).ok()?;
    }
    let _ = host.shutdown(Shutdown::Write);
    back.join().ok()
}

/// The port at the end of a scripted service's address.
fn port_of(service: &Scripted) -> u16 {
    service.url().rsplit_once(':').unwrap().1.parse().unwrap()
}

#[test]
fn a_whole_job_goes_through_the_proxy_of_the_environment_and_the_proxy_sees_no_key() {
    let authority = Authority::new("viseme test authority");
    let service = authority.service();
    let proxy = Proxy::before(port_of(&service));
    let program = Program::new();
    authority.write(&program, "company.pem");
    let base = format!("https://service.example:{}", port_of(&service));
    // The service names an address of this machine for its result, which a service elsewhere may only where its profile allows it.
    program.run(&["profiles", "add", "tunnel", "--base-url", &base, "--allow-private"]).expect(0);
    let job = [
        "run",
        "--profile",
        "tunnel",
        "--video-url",
        "https://example.org/clip.mp4",
        "--audio-url",
        "https://example.org/voice.mp3",
        "--end",
        "4000",
        "--poll-interval",
        "10ms",
        "--out",
        "result.mp4",
        "--ca-file",
        "company.pem",
    ];
    let mut command = program.command(&job);
    command.env("HTTPS_PROXY", proxy.url());
    finish(command).expect(0);
    assert_eq!((service.creates(), program.path().join("result.mp4").is_file()), (1, true));
    let heads = proxy.heads();
    let asked = format!("CONNECT service.example:{} HTTP/1.1", port_of(&service));
    assert!(heads.len() > 1 && heads.iter().all(|head| head.starts_with(&asked)), "{heads:?}");
    let sent = proxy.sent.lock().unwrap().clone();
    let seen = format!("{heads:?}{}", String::from_utf8_lossy(&sent));
    assert!(!seen.contains(KEY) && !seen.contains("Authorization"), "what goes through it is encrypted");
}

#[test]
fn the_proxy_of_the_settings_holds_for_commands_and_a_dead_one_is_named() {
    let authority = Authority::new("viseme test authority");
    let service = authority.service();
    let proxy = Proxy::before(port_of(&service));
    let program = Program::new();
    authority.write(&program, "company.pem");
    let settings = program.path().join("config/viseme");
    std::fs::create_dir_all(&settings).unwrap();
    let keep = |address: &str| {
        std::fs::write(settings.join("settings.json"), json!({ "proxy": address }).to_string()).unwrap();
    };
    let base = format!("https://service.example:{}", port_of(&service));
    let check = ["check-key", "--profile", "kling", "--base-url", &base, "--ca-file", "company.pem"];
    keep(&proxy.url());
    if cfg!(target_os = "linux") {
        program.run(&check).expect(0);
        assert!(proxy.heads().iter().all(|head| head.starts_with("CONNECT service.example:")));
        assert!(!proxy.heads().is_empty(), "it went through it");
        // Nobody listens there, and nothing goes past it.
        let before = service.seen().len();
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        keep(&format!("http://{closed}"));
        let ended = program.run(&check).expect(4);
        assert_eq!(service.seen().len(), before, "{ended:?}");
        keep("proxy:8080");
        let ended = program.run(&check).expect(2);
        assert!(ended.stderr.contains("not the address of a proxy"), "{ended:?}");
    }
}
