//! A server of a test, and the clients that ask it.
//!
//! Clients wait for each answer, so that tests read from top to bottom; what waits underneath is one runtime for all tests.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::program::{Centre, Ended, path};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// How long anything may take before a test gives it up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The runtime underneath all clients.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    })
}

/// Waits for `what` to hold, looking often.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Makes an account with the password of everybody.
pub(crate) fn add_person(centre: &Centre, name: &str, role: &str, participant: Option<&str>) {
    let mut command = centre.command(&["user", "add", name, "--role", role]);
    command.env("TONGCLEAR_NEW_PASSWORD", PASSWORD);
    if let Some(participant) = participant {
        command.args(["--participant", participant]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A command as a named person.
pub(crate) fn as_person(centre: &Centre, name: &str, arguments: &[&str]) -> Ended {
    let mut command = centre.command(&[arguments, &["--user", name, "--json"]].concat());
    Ended::from(command.env("TONGCLEAR_PASSWORD", PASSWORD).output().unwrap())
}

/// A command as a named person that must succeed; its result.
#[track_caller]
pub(crate) fn done_as(centre: &Centre, name: &str, arguments: &[&str]) -> Value {
    let ended = as_person(centre, name, arguments);
    assert_eq!(ended.code, 0, "{arguments:?}\n{}{}", ended.out, ended.err);
    serde_json::from_str(&ended.out).unwrap()
}

/// A command as a named person that must be refused and say why.
#[track_caller]
pub(crate) fn refused_as(centre: &Centre, name: &str, arguments: &[&str], words: &str) {
    let ended = as_person(centre, name, arguments);
    assert_eq!(ended.code, 3, "{arguments:?}\n{}{}", ended.out, ended.err);
    assert!(ended.err.contains(words), "{words:?} is not said: {}", ended.err);
}

/// The program with an open door; killed when it goes.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    roots: Arc<RootCertStore>,
    log: PathBuf,
}

impl Server {
    /// Opens the door of a centre that has a certificate authority.
    pub(crate) fn start(centre: &Centre) -> Self {
        Self::start_at(centre, "127.0.0.1:0")
    }

    /// The same, listening at `address`; the log of every start is kept.
    pub(crate) fn start_at(centre: &Centre, address: &str) -> Self {
        let log = centre.dir.path().join("serve.log");
        let out = File::options().create(true).append(true).open(&log).unwrap();
        let mut child = centre
            .command(&["serve", "--listen", address, "--json"])
            .env("TONGCLEAR_LOG", "debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(out)
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let opened: Value = loop {
            let line = lines.next().unwrap_or_else(|| {
                panic!("the server said only {said:?}\n{}", std::fs::read_to_string(&log).unwrap())
            });
            said.push_str(&line.unwrap());
            if let Ok(opened) = serde_json::from_str(&said) {
                break opened;
            }
        };
        let url = opened["url"].as_str().unwrap().to_owned();
        let mut roots = RootCertStore::empty();
        let root = centre.done(&["ca", "show"]);
        roots.add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap()).unwrap();
        let server = Self { child, url, roots: Arc::new(roots), log };
        let stranger = server.stranger();
        wait_for("/readyz", || {
            stranger
                .try_send(stranger.request("GET", "/readyz"))
                .is_ok_and(|it| it.status == 200)
                .then_some(())
        });
        server
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.url.strip_prefix("https://").unwrap().parse().unwrap()
    }

    /// Somebody without a certificate and without a secret.
    pub(crate) fn stranger(&self) -> Client {
        Client::new(self.config(None), self.url.clone())
    }

    /// Whoever has this session or token.
    pub(crate) fn holder(&self, secret: &str) -> Client {
        Client { bearer: Some(secret.to_owned()), ..self.stranger() }
    }

    /// A person who has logged in.
    pub(crate) fn log_in(&self, name: &str) -> Client {
        let answer = self.stranger().log_in(name, PASSWORD);
        assert_eq!(answer.status, 201, "{name}: {}", answer.text());
        self.holder(answer.json()["secret"].as_str().unwrap())
    }

    /// A collector with its certificate from a folder of `ca issue`.
    pub(crate) fn collector(&self, folder: &Path, collector: &str) -> Client {
        Client::new(self.config(Some(&Identity::load(folder, collector))), self.url.clone())
    }

    /// Whoever shows this certificate.
    pub(crate) fn shown(&self, identity: &Identity) -> Client {
        Client::new(self.config(Some(identity)), self.url.clone())
    }

    /// A TLS configuration that trusts the centre.
    fn config(&self, identity: Option<&Identity>) -> ClientConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.unwrap().with_root_certificates(Arc::clone(&self.roots));
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(Identity { chain, key }) => {
                builder.with_client_auth_cert(chain.clone(), key.clone_key()).unwrap()
            }
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config
    }

    /// A TLS connection on which a test writes what it likes.
    pub(crate) fn line(&self, identity: Option<&Identity>) -> StreamOwned<ClientConnection, TcpStream> {
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connection = ClientConnection::new(Arc::new(self.config(identity)), name).unwrap();
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        StreamOwned::new(connection, stream)
    }

    /// The memory that it holds, KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, and the folder with its log as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Ok(log) = std::fs::read_to_string(&self.log)
            && !std::thread::panicking()
        {
            assert!(!log.contains("panicked"), "{log}");
        }
    }
}

/// A certificate with its key.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// That of a collector, as `ca issue` wrote it.
    pub(crate) fn load(folder: &Path, collector: &str) -> Self {
        let text = |ending| std::fs::read_to_string(folder.join(format!("{collector}.{ending}"))).unwrap();
        Self::of(&text("pem"), &text("key"))
    }

    /// That of two PEM texts.
    pub(crate) fn of(certificate: &str, key: &str) -> Self {
        Self {
            chain: vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
            key: PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
        }
    }
}

/// Issues a certificate to every collector; the folder that it lies in.
pub(crate) fn certificates(centre: &Centre) -> PathBuf {
    let folder = centre.dir.path().join("certificates");
    centre.done(&["ca", "issue", "--all", "--out", path(&folder)]);
    folder
}

/// Somebody who asks a server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    bearer: Option<String>,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Client {
    fn new(tls: ClientConfig, url: String) -> Self {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self { http, url, bearer: None }
    }

    /// The secret that it shows.
    pub(crate) fn secret(&self) -> &str {
        self.bearer.as_deref().unwrap()
    }

    /// The same, showing a secret.
    pub(crate) fn bearing(&self, secret: &str) -> Self {
        Self { bearer: Some(secret.to_owned()), ..self.clone() }
    }

    /// A request with the secret, to be sent.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.to_uppercase().parse().unwrap();
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.bearer {
            None => request,
            Some(secret) => request.bearer_auth(secret),
        }
    }

    /// Sends a request; whoever is told to come back later does.
    #[track_caller]
    pub(crate) fn send(&self, request: RequestBuilder) -> Answer {
        loop {
            let answer = self.try_send(request.try_clone().unwrap()).unwrap();
            if answer.status != 429 {
                return answer;
            }
            let seconds = answer.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
            std::thread::sleep(Duration::from_secs(seconds));
        }
    }

    /// Sends a request once; an error is that no whole answer came.
    pub(crate) fn try_send(&self, request: RequestBuilder) -> Result<Answer, String> {
        runtime().block_on(async {
            let said = |error: reqwest::Error| format!("{error:?}");
            let response = request.send().await.map_err(said)?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = response.bytes().await.map_err(said)?.to_vec();
            Ok(Answer { status, headers, body })
        })
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path))
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).json(body))
    }

    #[track_caller]
    pub(crate) fn put(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.request("PUT", path).body(body))
    }

    #[track_caller]
    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path))
    }

    /// Logs in; the answer is whatever it is.
    pub(crate) fn log_in(&self, name: &str, password: &str) -> Answer {
        self.post("/v1/sessions", &serde_json::json!({ "user": name, "password": password }))
    }

    /// Hands a package in as a collector does.
    #[track_caller]
    pub(crate) fn upload(&self, bytes: Vec<u8>) -> Answer {
        let request = self.request("POST", "/v1/collector/packages").body(bytes);
        self.send(request.header(CONTENT_TYPE, "application/octet-stream"))
    }

    /// The OpenAPI document's operations: method and path, with what describes each.
    pub(crate) fn operations(&self) -> Vec<(String, String, Value)> {
        let document = self.get("/v1/openapi.json").json();
        let paths = document["paths"].as_object().unwrap().clone();
        let operations = paths.into_iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().clone();
            methods.into_iter().map(move |(method, it)| (method.to_uppercase(), path.clone(), it))
        });
        let operations: Vec<_> = operations.collect();
        assert!(operations.len() > 40, "{operations:?}");
        operations
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// A refusal: problem details with this status that name every one of `words`.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, words: &[&str]) {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{text}");
        assert_eq!(self.json()["status"], status, "{text}");
        for word in words {
            assert!(text.contains(word), "{word:?} is not said: {text}");
        }
    }
}
