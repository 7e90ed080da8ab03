//! Whoever is told of events: a small HTTP server that answers as a test wants and keeps what it hears.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::server::wait_for;

/// A notice as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// What was answered.
    pub(crate) status: u16,
}

impl Notice {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The number of the audit entry that it tells of.
    pub(crate) fn sequence(&self) -> i64 {
        self.json()["sequence"].as_i64().unwrap()
    }
}

/// A receiver; it listens until the tests end.
pub(crate) struct Receiver {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Notice>>>,
}

impl Receiver {
    /// Answers the n-th notice, from 0, with the status that `answers` gives.
    pub(crate) fn start(answers: impl Fn(usize) -> u16 + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A sender that was killed in the middle is heard no further.
                let _ = serve(stream.unwrap(), &answers, &keep);
            }
        });
        Self { url, heard }
    }

    /// Everything so far.
    pub(crate) fn heard(&self) -> Vec<Notice> {
        self.heard.lock().unwrap().clone()
    }

    /// What it took, when that tells of the audit entry `last`.
    pub(crate) fn taken_up_to(&self, last: i64) -> Vec<Notice> {
        wait_for("the last event", || {
            let taken: Vec<Notice> = self.heard().into_iter().filter(|it| it.status == 200).collect();
            taken.iter().any(|it| it.sequence() == last).then_some(taken)
        })
    }
}

/// Serves one connection, a request after the other.
fn serve(
    mut stream: TcpStream,
    answers: &dyn Fn(usize) -> u16,
    heard: &Mutex<Vec<Notice>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        assert!(line.starts_with("POST /hook HTTP/1.1"), "{line}");
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        reader.read_exact(&mut body)?;
        let status = {
            let mut heard = heard.lock().unwrap();
            let status = answers(heard.len());
            heard.push(Notice { headers, body, status });
            status
        };
        write!(stream, "HTTP/1.1 {status} Said\r\ncontent-length: 0\r\n\r\n")?;
    }
}
