//! Reading requests: what cannot be read is a problem that names field and value, like everything else that does not go.

use axum::body::{BodyDataStream, Bytes};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::{Json, RequestExt as _};
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::problem::Problem;
use crate::shared::Shared;

/// How long a body may take to arrive, however short it is.
const BODY_WAIT: Duration = Duration::from_secs(30);
/// What must arrive each second beyond that.
const SLOWEST_BYTES_PER_S: u64 = 50_000;
/// Bytes of a JSON body, at most.
const JSON_MAX: usize = 64 << 10;

/// A part of the address.
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        // What no address of ours looks like is not there.
        path.map(|axum::extract::Path(path)| Self(path))
            .map_err(|error| Problem::malformed(error.body_text()).naming("path", parts.uri.path()))
    }
}

/// The query of the address.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(query)| Self(query)).map_err(|error| {
            Problem::malformed(error.body_text()).naming("query", parts.uri.query().unwrap_or_default())
        })
    }
}

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + Send + 'static> FromRequest<Arc<Shared>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Problem> {
        Self::of(shared, request, JSON_MAX).await
    }
}

impl<T: DeserializeOwned + 'static> Body<T> {
    /// A JSON body of at most `limit` bytes, for whoever has shown that they may hand one in.
    pub(crate) async fn of(shared: &Shared, request: Request, limit: usize) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let Received { bytes, room: _room } = shared.room.receive(body, limit).await?;
        let request = Request::from_parts(parts, axum::body::Body::from(bytes));
        match request.extract::<Json<T>, _>().await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(error @ JsonRejection::MissingJsonContentType(_)) => {
                Err(Problem::media_type(error.body_text()))
            }
            Err(error @ JsonRejection::JsonDataError(_)) => Err(Problem::refused(error.body_text())),
            Err(error) => Err(Problem::malformed(error.body_text())),
        }
    }
}

/// A body as it arrives: not longer than its limit, and not slower than [`SLOWEST_BYTES_PER_S`] once [`BODY_WAIT`] has
/// passed, however it is cut into pieces.
pub(crate) struct Arriving {
    frames: BodyDataStream,
    limit: usize,
    length: usize,
    started: Instant,
}

impl Arriving {
    pub(crate) fn new(body: axum::body::Body, limit: usize) -> Self {
        Self { frames: body.into_data_stream(), limit, length: 0, started: Instant::now() }
    }

    /// The next piece, if there is one.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let more = Duration::from_secs(self.length as u64 / SLOWEST_BYTES_PER_S);
        let deadline = self.started + BODY_WAIT + more;
        match tokio::time::timeout_at(deadline, self.frames.next()).await {
            Err(_) => Err(Problem::too_slow(self.started.elapsed().as_secs())),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => Err(Problem::malformed(format!("the body broke off: {error}"))),
            Ok(Some(Ok(piece))) => {
                self.length = self.length.saturating_add(piece.len());
                if self.length > self.limit {
                    return Err(Problem::too_large(self.limit));
                }
                Ok(Some(piece))
            }
        }
    }
}

/// What all bodies that are being received may take of the memory together.
pub(crate) struct Room(Arc<Semaphore>);

/// A body that was received, and the room that it takes until it is dropped.
pub(crate) struct Received {
    pub(crate) bytes: Bytes,
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Bytes of all bodies that are being received or worked on: four packages of the longest.
    const BYTES_MAX: usize = 512 << 20;
    /// Bytes that are asked for at a time.
    const UNIT: usize = 64 << 10;

    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(Self::BYTES_MAX / Self::UNIT)))
    }

    /// Receives a whole body of at most `limit` bytes.
    pub(crate) async fn receive(&self, body: axum::body::Body, limit: usize) -> Result<Received, Problem> {
        let mut arriving = Arriving::new(body, limit);
        let mut bytes = Vec::new();
        let mut room: Option<OwnedSemaphorePermit> = None;
        while let Some(piece) = arriving.next().await? {
            bytes.extend_from_slice(&piece);
            let (taken, wanted) = (room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits), bytes.len());
            let missing = wanted.div_ceil(Self::UNIT).saturating_sub(taken);
            if missing > 0 {
                let missing = u32::try_from(missing).unwrap_or(u32::MAX);
                let more = Arc::clone(&self.0)
                    .try_acquire_many_owned(missing)
                    .map_err(|_| Problem::unavailable("too many large bodies arrive at the same time"))?;
                match &mut room {
                    Some(room) => room.merge(more),
                    None => room = Some(more),
                }
            }
        }
        Ok(Received { bytes: bytes.into(), room })
    }
}

/// A value of one of our own types in a path or query.
pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &'static str,
    text: &str,
) -> Result<T, Problem> {
    text.parse().map_err(|error| Problem::malformed(format!("{field}: {error}")).naming(field, text))
}

/// The same, when it was given.
pub(crate) fn parsed_if<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, Problem> {
    text.map(|text| parsed(field, text)).transpose()
}
