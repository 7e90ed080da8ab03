//! Reading requests: what cannot be read is a problem that names field and value, like everything else that does not go.

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::{Json, RequestExt as _};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use std::time::Duration;

use crate::problem::Problem;

/// How long a body may take to arrive.
pub(crate) const BODY_WAIT: Duration = Duration::from_secs(30);
/// Bytes of a JSON body, at most: a registry of a big city's terminals is some 10 MB.
const JSON_MAX: usize = 64 << 20;

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

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = whole(body, JSON_MAX).await?;
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

/// A whole body of at most `limit` bytes that arrives within [`BODY_WAIT`].
pub(crate) async fn whole(body: axum::body::Body, limit: usize) -> Result<Bytes, Problem> {
    let collecting = Limited::new(body, limit).collect();
    match tokio::time::timeout(BODY_WAIT, collecting).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::too_large(limit)),
        Ok(Err(error)) => Err(Problem::malformed(format!("the body broke off: {error}"))),
        Err(_) => Err(Problem::too_slow(BODY_WAIT.as_secs())),
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
