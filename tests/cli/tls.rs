//! Real TLS: a service with a certificate of an authority of one's own, and what is said where nobody vouches for it.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use base64::Engine as _;
use serde_json::json;

use crate::program::{Program, finish, run_arguments};
use crate::scripted::{Scripted, kling_script};

/// An authority, and a certificate of it for this machine and for `service.example`.
pub struct Authority {
    pem: String,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = ["localhost", "service.example"].map(str::to_owned);
        let leaf = CertificateParams::new(names.to_vec()).unwrap().signed_by(&key, &issuer).unwrap();
        let text = base64::engine::general_purpose::STANDARD.encode(issuer.der());
        let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
        Self { pem, chain: vec![leaf.der().clone()], key: key.serialize_der() }
    }

    /// A service that speaks TLS with this authority's certificate.
    pub fn service(&self) -> Scripted {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(self.chain.clone(), key).unwrap());
        let wrap = move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).ok()?;
            let stream: Box<dyn crate::scripted::Stream> = Box::new(Closing(StreamOwned::new(connection, stream)));
            Some(stream)
        };
        Scripted::start_on("https://localhost", wrap, kling_script)
    }

    pub fn write(&self, program: &Program, name: &str) -> PathBuf {
        let file = program.path().join(name);
        std::fs::write(&file, &self.pem).unwrap();
        file
    }
}

/// Says the end of what is sent when it is dropped: without that a client takes it for cut off.
struct Closing(StreamOwned<ServerConnection, std::net::TcpStream>);

impl std::io::Read for Closing {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(bytes)
    }
}

impl std::io::Write for Closing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.conn.send_close_notify();
        let _ = self.0.conn.write_tls(&mut self.0.sock);
    }
}

#[test]
fn a_whole_job_runs_over_tls_with_an_authority_of_ones_own() {
    let authority = Authority::new("viseme test authority");
    let service = authority.service();
    let program = Program::new();
    authority.write(&program, "company.pem");
    let mut arguments = run_arguments(&service.url(), "kling");
    arguments.extend(["--out", "result.mp4", "--ca-file", "company.pem"].map(str::to_owned));
    program.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).expect(0);
    assert_eq!((service.creates(), program.path().join("result.mp4").is_file()), (1, true));
    assert!(service.seen().iter().any(|request| request.path == "/result.mp4" && request.authorization.is_empty()));
}

#[test]
fn the_authority_comes_from_the_option_the_environment_or_the_settings() {
    let authority = Authority::new("viseme test authority");
    let service = authority.service();
    let program = Program::new();
    let file = authority.write(&program, "company.pem");
    let url = service.url();
    let check = ["check-key", "--profile", "kling", "--base-url", &url];
    let mut by_environment = program.command(&check);
    by_environment.env("VISEME_CA_FILE", &file);
    finish(by_environment).expect(0);
    let settings = program.path().join("config/viseme");
    std::fs::create_dir_all(&settings).unwrap();
    std::fs::write(settings.join("settings.json"), json!({ "ca_file": file }).to_string()).unwrap();
    if cfg!(target_os = "linux") {
        program.run(&check).expect(0);
    }
    // The option comes first.
    let other = Authority::new("another authority").write(&program, "other.pem");
    program.run(&[&check[..], &["--ca-file", other.to_str().unwrap()]].concat()).expect(4);
}

#[test]
fn a_certificate_that_nobody_vouches_for_names_the_setting() {
    let service = Authority::new("viseme test authority").service();
    let program = Program::new();
    let url = service.url();
    let check = ["check-key", "--profile", "kling", "--base-url", &url];
    let ended = program.run(&check).expect(4);
    assert!(ended.stderr.contains("cannot be trusted") && ended.stderr.contains("--ca-file"), "{ended:?}");

    Authority::new("another authority").write(&program, "other.pem");
    let ended = program.run(&[&check[..], &["--ca-file", "other.pem"]].concat()).expect(4);
    assert!(ended.stderr.contains("authorities in other.pem (--ca-file"), "{ended:?}");
    assert_eq!(service.seen().len(), 0, "not even the key was sent");

    // A create that was never sent: nothing is unclear.
    let mut arguments = run_arguments(&url, "kling");
    arguments.extend(["--ca-file", "other.pem"].map(str::to_owned));
    program.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).expect(4);
    assert_eq!(program.unfinished(), []);
}

#[test]
fn a_file_without_authorities_is_refused_before_anything_is_sent() {
    let service = Authority::new("viseme test authority").service();
    let program = Program::new();
    std::fs::write(program.path().join("empty.pem"), "").unwrap();
    std::fs::write(program.path().join("noise.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    for file in ["nowhere.pem", "empty.pem", "noise.pem", "."] {
        let arguments = ["check-key", "--profile", "kling", "--base-url", &service.url(), "--ca-file", file];
        let ended = program.run(&arguments).expect(2);
        assert!(ended.stderr.contains(&format!("authorities in {file} cannot be used")), "{file}: {ended:?}");
        assert!(ended.stderr.contains("VISEME_CA_FILE"), "{file}: {ended:?}");
    }
    assert_eq!(service.seen().len(), 0);
    // A command without a service does not need them.
    program.run(&["profiles", "--ca-file", "nowhere.pem"]).expect(0);
}
