//! A centre that is just enough of one: HTTP/1.1 by hand, a set of digests for a store, and faults at random.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tongclear_package::peek_key;
use tongclear_types::CollectorId;

use crate::random::{Purpose, Random};

/// How a centre behaves.
pub(super) struct Manners {
    /// How often something goes wrong with a request, percent.
    pub(super) faults_percent: u8,
    /// A status that every request gets, if any.
    pub(super) always: Option<&'static str>,
    /// Whether it forgets what it took.
    pub(super) forgets: bool,
    /// Whether it answers for other bytes.
    pub(super) mixes_up: bool,
    /// The sequence that it puts aside.
    pub(super) quarantines: Option<u32>,
    /// The certificates that collectors must show, in DER; none over plain HTTP.
    pub(super) certificates: Option<BTreeMap<CollectorId, Vec<u8>>>,
}

impl Manners {
    pub(super) const GOOD: Self = Self {
        faults_percent: 0,
        always: None,
        forgets: false,
        mixes_up: false,
        quarantines: None,
        certificates: None,
    };
}

/// What a centre has seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Every package it took, by digest, with how often it was answered `received`.
    pub(super) taken: BTreeMap<String, u32>,
    /// Whole requests.
    pub(super) requests: u64,
    /// Requests that ended before their body did.
    pub(super) cut_off: u64,
    /// Requests being handled now, and at most.
    pub(super) in_hand: (u32, u32),
}

/// A running centre.
pub(super) struct Centre {
    /// Its address, `127.0.0.1:port`.
    pub(super) address: String,
    seen: Mutex<Seen>,
    random: Mutex<Random>,
    manners: Manners,
}

/// What one request came to.
enum Fate {
    /// An answer, and whether the connection stays.
    Answer(String, bool),
    /// No answer, and the connection is closed.
    Silence,
}

impl Centre {
    /// Opens a centre on a free port.
    pub(super) async fn open(manners: Manners, acceptor: Option<TlsAcceptor>) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let centre = Arc::new(Self {
            address: listener.local_addr().unwrap().to_string(),
            seen: Mutex::default(),
            random: Mutex::new(Random::new(1, CollectorId([0; 6]), Purpose::Jitter)),
            manners,
        });
        let open = Arc::clone(&centre);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (centre, acceptor) = (Arc::clone(&open), acceptor.clone());
                if centre.unlucky() {
                    continue;
                }
                tokio::spawn(async move {
                    let Some(acceptor) = acceptor else { return centre.serve(stream, None).await };
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
                    centre.serve(stream, Some(shown)).await;
                });
            }
        });
        centre
    }

    /// What was seen until now.
    pub(super) fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap())
    }

    fn unlucky(&self) -> bool {
        self.random.lock().unwrap().percent(self.manners.faults_percent)
    }

    /// Answers the requests of one connection.
    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, shown: Option<Vec<u8>>) {
        loop {
            match request(&mut stream).await {
                Ok(Some(body)) => {
                    self.seen(|seen| {
                        seen.requests += 1;
                        seen.in_hand.0 += 1;
                        seen.in_hand.1 = seen.in_hand.1.max(seen.in_hand.0);
                    });
                    // Others may come in between.
                    tokio::task::yield_now().await;
                    let fate = self.fate(&body, shown.as_ref());
                    self.seen(|seen| seen.in_hand.0 -= 1);
                    let Fate::Answer(answer, stays) = fate else { return };
                    if stream.write_all(answer.as_bytes()).await.is_err() || !stays {
                        return;
                    }
                    let _ = stream.flush().await;
                }
                Ok(None) => return,
                Err(()) => return self.seen(|seen| seen.cut_off += 1),
            }
        }
    }

    /// What becomes of a request.
    fn fate(&self, body: &[u8], shown: Option<&Vec<u8>>) -> Fate {
        if let Some(status) = self.manners.always {
            return Fate::Answer(response(status, "as always"), true);
        }
        let key = peek_key(body);
        if let Some(certificates) = &self.manners.certificates
            && key.is_none_or(|(collector, _)| certificates.get(&collector) != shown)
        {
            return Fate::Answer(response("403 Forbidden", "another's certificate"), true);
        }
        let fault = self.unlucky().then(|| self.random.lock().unwrap().below(6));
        match fault {
            Some(0) => return Fate::Silence,
            Some(1) => return Fate::Answer(response("503 Service Unavailable\r\nretry-after: 0", ""), true),
            Some(2) => return Fate::Answer(response("429 Too Many Requests\r\nretry-after: 0", ""), false),
            Some(3) => return Fate::Answer(response("500 Internal Server Error", "oops"), true),
            _ => {}
        }
        let answer = response("200 OK\r\ncontent-type: application/json", &self.take(body, key.unwrap().1.0));
        match fault {
            None => Fate::Answer(answer, true),
            // Taken, and the answer lost on the way, whole or in part.
            Some(4) => Fate::Silence,
            Some(_) => Fate::Answer(answer[..answer.len() - 9].to_owned(), false),
        }
    }

    /// Takes a package, and says so.
    fn take(&self, body: &[u8], sequence: u32) -> String {
        let sha256 = hex::encode(Sha256::digest(body));
        if self.manners.quarantines == Some(sequence) {
            return format!(
                r#"{{"result":"quarantined","sha256":"{sha256}","reason":"chain_broken","field":"previous_seal","value":"00","expected":"01"}}"#
            );
        }
        let result = self.seen(|seen| {
            if seen.taken.contains_key(&sha256) && !self.manners.forgets {
                return "already_received";
            }
            *seen.taken.entry(sha256.clone()).or_default() += 1;
            "received"
        });
        let sha256 = if self.manners.mixes_up { hex::encode(Sha256::digest(b"others")) } else { sha256 };
        format!(r#"{{"result":"{result}","sequence":{sequence},"sha256":"{sha256}","records":0}}"#)
    }
}

/// The next request's body; none when the connection ended between two, an error when it ended within one.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Vec<u8>>, ()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) if head.is_empty() => return Ok(None),
            Err(_) => return Err(()),
        }
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(head.starts_with("post /v1/collector/packages http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/octet-stream\r\n"), "{head}");
    let len = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let mut body = vec![0; len.parse().unwrap()];
    stream.read_exact(&mut body).await.map_err(|_| ())?;
    Ok(Some(body))
}

/// A response of `status`, which may bring further headers.
fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
