//! Putting it together, and taking it apart in order: first no new connections, then the requests that run, then what intake
//! was handed, then a night that runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use tongclear_engine::Centre;
use tongclear_mac::Passphrase;
use tongclear_store::collectors::last_heard;
use utoipa::openapi::OpenApi;

use crate::connections::{self, CONNECTIONS_MAX};
use crate::extract::Room;
use crate::intake::Intake;
use crate::keys::Keys;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::nights::Nights;
use crate::observe::observe;
use crate::problem::Problem;
use crate::shared::Shared;
use crate::tls::{ServerIdentity, server_config};
use crate::{routes, webhooks};

/// How long requests that run may take once the program is asked to end.
const REQUESTS_WAIT: Duration = Duration::from_secs(30);
/// Exports at the same time; of a day of 20 million records one holds some 600 MB.
const EXPORTS_MAX: usize = 2;
/// File descriptors that are wanted: two for each connection and some for files.
const FILES_WANTED: u64 = 2 * CONNECTIONS_MAX as u64 + 1_024;

/// Where to listen, and as whom.
pub struct Settings {
    /// Address and port; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The server's certificate and the CA whose client certificates name collectors; plain HTTP without, in which no collector
    /// can be known.
    pub tls: Option<(ServerIdentity, String)>,
}

/// Why there is no door.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A certificate or key cannot be used.
    #[error("TLS: {0}")]
    Tls(String),
    /// The address cannot be listened on.
    #[error("listening on {address}: {reason}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system says.
        reason: std::io::Error,
    },
}

/// A door that is open.
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: tokio::task::JoinHandle<()>,
    tasks: TaskTracker,
    shared: Arc<Shared>,
    intake: tokio::task::JoinHandle<()>,
    telling: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Opens the door of `centre`; `passphrase` opens its key ring whenever that changes.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn start(
        centre: Centre,
        passphrase: Passphrase,
        settings: Settings,
    ) -> Result<Self, ServeError> {
        let acceptor = match &settings.tls {
            Some((identity, authority)) => Some(TlsAcceptor::from(server_config(identity, authority)?)),
            None => None,
        };
        // With fewer, fewer connections are taken; nothing else depends on it.
        if let Err(error) = rlimit::increase_nofile_limit(FILES_WANTED) {
            tracing::warn!(%error, "the limit on open files could not be raised");
        }
        let fault = |reason| ServeError::Listen { address: settings.listen, reason };
        let listener = listen(settings.listen).map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        let keys = Arc::new(Keys::new(passphrase));
        let metrics = Arc::new(Metrics::new());
        known_collectors(&centre, &metrics).await;
        let (intake, intake_task) = Intake::start(centre.clone(), Arc::clone(&keys), Arc::clone(&metrics));
        let (stop, stopping) = watch::channel(false);
        let delivering =
            webhooks::deliver(centre.clone(), Arc::clone(&keys), Arc::clone(&metrics), stopping.clone());
        let telling = tokio::spawn(delivering);
        let started_at = centre.clock.now();
        let shared = Arc::new(Shared {
            centre,
            keys,
            intake,
            nights: Arc::new(Nights::new()),
            metrics: Arc::clone(&metrics),
            limits: Limits::new(),
            room: Room::new(),
            exports: Arc::new(Semaphore::new(EXPORTS_MAX)),
            started_at,
        });
        let tasks = TaskTracker::new();
        let router = router(Arc::clone(&shared));
        let serving = connections::serve(listener, acceptor, router, metrics, stopping, tasks.clone());
        let accepting = tokio::spawn(serving);
        Ok(Self { address, stop, accepting, tasks, shared, intake: intake_task, telling })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the door: what was acknowledged is finished, and a night that runs comes to its end.
    pub async fn stop(self) {
        let Self { stop, accepting, tasks, shared, intake, telling, .. } = self;
        let _ = stop.send(true);
        let _ = accepting.await;
        tasks.close();
        if tokio::time::timeout(REQUESTS_WAIT, tasks.wait()).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
        shared.nights.finished().await;
        // The last handle of the queue: what waits in it is taken in before the task ends.
        drop(shared);
        if tokio::time::timeout(REQUESTS_WAIT, intake).await.is_err() {
            tracing::warn!("intake did not end in time");
        }
        let _ = telling.await;
    }
}

/// Listens, with room for a city's collectors that all come back at the same moment.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    const WAITING: u32 = 4_096;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Tells the metrics of every collector that there is: one that stays silent is the one to look for.
async fn known_collectors(centre: &Centre, metrics: &Metrics) {
    // Without a registry there are none, and a database that does not answer will be heard of soon enough.
    if let Ok(registry) = centre.registry().await {
        let now = centre.clock.now();
        registry.body.collectors.iter().for_each(|collector| metrics.heard_of(collector.id, now));
    }
    if let Ok(heard) = last_heard(&*centre.store).await {
        heard.into_iter().for_each(|(collector, at)| metrics.heard_of(collector, at));
    }
}

fn router(shared: Arc<Shared>) -> Router {
    let (routes, document) = routes::all().split_for_parts();
    let document = Bytes::from(text(&document));
    let description = get(move || async move { ([(CONTENT_TYPE, "application/json")], document) });
    routes
        .route("/v1/openapi.json", description)
        .fallback(|| async { Problem::not_found("there is no such address; see /v1/openapi.json") })
        .method_not_allowed_fallback(|| async { Problem::method() })
        .layer(from_fn_with_state(Arc::clone(&shared), observe))
        .with_state(shared)
}

/// The OpenAPI document, JSON, as the server serves it.
#[must_use]
pub fn api_document() -> String {
    text(&routes::all().split_for_parts().1)
}

fn text(document: &OpenApi) -> String {
    document.to_pretty_json().expect("a description is plain values")
}
