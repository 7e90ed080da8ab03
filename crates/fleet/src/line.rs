//! One visit's line to the centre: a client with its own connections, and the three ways to send a package over it.
//!
//! Bounds: an attempt takes at most [`ATTEMPT_MAX`] and reads at most [`ANSWER_LEN_MAX`] of an answer.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Body, Client, RequestBuilder, Url};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::answer::Response;
use crate::error::{FleetError, with_causes};
use crate::tls::{self, Identity};

/// The longest that one request may take: the longest package, 96 MB, at 6.4 Mbit/s.
const ATTEMPT_MAX: Duration = Duration::from_secs(120);
/// The longest that a connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// The longest answer, bytes; the documented ones are some hundreds.
const ANSWER_LEN_MAX: usize = 64 * 1024;
/// Bytes that are handed over at a time when it matters how far sending has come.
const FRAME_LEN: usize = 16 * 1024;
/// How long a sender that hangs up waits for what it handed over to leave.
const FLUSH: Duration = Duration::from_millis(5);

/// A collector's line.
#[derive(Debug)]
pub(crate) struct Line {
    client: Client,
    url: Url,
    limit: Duration,
}

impl Line {
    /// A new line to `url`, on which a request takes at most `limit`. Nothing is connected yet.
    ///
    /// # Errors
    /// [`FleetError::Certificate`] when the certificate is not usable, [`FleetError::Broken`] when the client is not.
    pub(crate) fn new(identity: Option<&Identity>, url: &Url, limit: Duration) -> Result<Self, FleetError> {
        let tls = identity.map_or_else(tls::nobody, Identity::config)?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_MAX)
            .pool_max_idle_per_host(1)
            .build()
            .map_err(|error| FleetError::Broken { message: with_causes(&error) })?;
        Ok(Self { client, url: url.clone(), limit: limit.min(ATTEMPT_MAX) })
    }

    /// Sends a package and reads the answer.
    ///
    /// # Errors
    /// A line of text when no whole answer came: connection refused, reset or silent.
    pub(crate) async fn send(&self, bytes: &Bytes) -> Result<Response, String> {
        let exchange = async {
            let response =
                self.post(bytes.clone().into()).send().await.map_err(|error| with_causes(&error))?;
            read(response).await
        };
        let silent = || format!("no answer within {} s", self.limit.as_secs());
        timeout(self.limit, exchange).await.unwrap_or_else(|_| Err(silent()))
    }

    /// Sends a package whole and is gone `stays` after its last byte, or when an answer comes, which nobody hears.
    /// Whether it was sent to the end.
    pub(crate) async fn lose_answer(&self, bytes: &Bytes, stays: Duration) -> bool {
        let (sent, mut when_sent) = watch::channel(false);
        let frames = frames(bytes.clone());
        let last = frames.len().saturating_sub(1);
        let frames = frames.into_iter().enumerate().map(move |(place, frame)| {
            if place == last {
                sent.send_replace(true);
            }
            Ok::<_, Infallible>(frame)
        });
        let answer = self.stream(bytes.len(), Body::wrap_stream(stream::iter(frames))).send();
        let mut sending = when_sent.clone();
        let gone = async {
            if sending.wait_for(|sent| *sent).await.is_ok() {
                sleep(stays).await;
            } else {
                // The body was given up before its end: only the connection's fault can come.
                std::future::pending::<()>().await;
            }
        };
        let either = async {
            tokio::select! {
                _ = answer => {}
                () = gone => {}
            }
        };
        let in_time = timeout(self.limit, either).await.is_ok();
        in_time && *when_sent.borrow_and_update()
    }

    /// Sends the first `percent` of a package and hangs up. Whether it came so far.
    pub(crate) async fn hang_up(&self, bytes: &Bytes, percent: u8) -> bool {
        let (cut, when_cut) = watch::channel(false);
        let cut_at = bytes.len() * usize::from(percent) / 100;
        let frames = stream::iter(frames(bytes.slice(..cut_at)).into_iter().map(Ok));
        let hang_up = stream::once(async move {
            sleep(FLUSH).await;
            cut.send_replace(true);
            Err(io::Error::from(io::ErrorKind::ConnectionAborted))
        });
        let body = Body::wrap_stream(frames.chain(hang_up));
        // Whatever comes of it is not heard; that it came to the cut is all that counts.
        let _ = timeout(self.limit, self.stream(bytes.len(), body).send()).await;
        *when_cut.borrow()
    }

    /// A request whose body comes piece by piece and is said to have `len` bytes.
    fn stream(&self, len: usize, body: Body) -> RequestBuilder {
        self.post(body).header(CONTENT_LENGTH, len)
    }

    /// A request.
    fn post(&self, body: Body) -> RequestBuilder {
        self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/octet-stream").body(body)
    }
}

/// The pieces of a package.
fn frames(bytes: Bytes) -> Vec<Bytes> {
    (0..bytes.len())
        .step_by(FRAME_LEN)
        .map(|start| bytes.slice(start..bytes.len().min(start + FRAME_LEN)))
        .collect()
}

/// Reads a response to its end.
async fn read(mut response: reqwest::Response) -> Result<Response, String> {
    let status = response.status();
    let seconds =
        response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| with_causes(&error))? {
        if body.len() + piece.len() > ANSWER_LEN_MAX {
            return Err(format!("an answer of more than {ANSWER_LEN_MAX} bytes"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(Response { status, retry_after: seconds.map(Duration::from_secs), body })
}
