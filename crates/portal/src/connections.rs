//! Connections: how many there may be, how long each may take to say something, and how they end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use tongclear_authority::CollectorCertificate;
use tower::ServiceExt as _;

use crate::caller::Connection;
use crate::metrics::Metrics;

/// Connections at the same time. An idle one costs some ten kilobytes.
pub(crate) const CONNECTIONS_MAX: usize = 20_000;
/// How long a handshake may take.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(30);
/// How long a connection may stay without a whole request line and headers, between requests too.
const HEADERS_WAIT: Duration = Duration::from_secs(30);
/// Bytes of request line and headers.
const HEADERS_BYTES_MAX: usize = 32 << 10;

/// Takes connections until `stop` says so, then lets the requests on them be finished.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
    tasks: TaskTracker,
) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = asked(&mut stop) => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: those that are open must end first.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
            tracing::warn!(%peer, "no seat left; the connection is closed");
            continue;
        };
        let (tls, router, metrics, stop) = (tls.clone(), router.clone(), Arc::clone(&metrics), stop.clone());
        tasks.spawn(async move {
            metrics.connections.inc();
            handle(stream, peer, tls, router, stop, seat).await;
            metrics.connections.dec();
        });
    }
}

/// Waits until the program is asked to end.
pub(crate) async fn asked(stop: &mut watch::Receiver<bool>) {
    // Whoever could ask is gone: that is the end as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn handle(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: watch::Receiver<bool>,
    seat: OwnedSemaphorePermit,
) {
    // Answers are small; none should wait for the next one.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return requests(stream, Connection { peer: peer.ip(), certificate: None }, router, stop).await;
    };
    let mut stop_early = stop.clone();
    let handshake = tokio::select! {
        handshake = timeout(HANDSHAKE_WAIT, tls.accept(stream)) => handshake,
        () = asked(&mut stop_early) => return,
    };
    match handshake {
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
            let certificate = match shown.map(|der| CollectorCertificate::read(der)) {
                None => None,
                Some(Ok(certificate)) => Some(Arc::new(certificate)),
                Some(Err(error)) => {
                    // Signed by us, but no collector's: it opens nothing.
                    tracing::info!(%peer, %error, "a certificate that names no collector");
                    None
                }
            };
            requests(stream, Connection { peer: peer.ip(), certificate }, router, stop).await;
        }
        Ok(Err(error)) => tracing::info!(%peer, %error, "no handshake"),
        Err(_) => tracing::debug!(%peer, "the handshake took too long"),
    }
    drop(seat);
}

async fn requests<S>(stream: S, connection: Connection, router: Router, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(connection.clone());
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WAIT)
        .max_buf_size(HEADERS_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = asked(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}
