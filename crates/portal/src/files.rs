//! Files as answers: with an entity tag, so that what has not changed is not sent again.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tongclear_store::Digest;

/// The version of what was asked for, where it has one.
const VERSION: HeaderName = HeaderName::from_static("tongclear-version");

/// `bytes` as a file of that name, or 304 when the caller has it already.
pub(crate) fn file(
    asked: &HeaderMap,
    bytes: Bytes,
    media_type: &'static str,
    name: &str,
    version: Option<String>,
) -> Response {
    let tag = format!("\"{}\"", Digest::of(&bytes));
    let known = asked.get_all(IF_NONE_MATCH).iter().filter_map(|header| header.to_str().ok());
    let known = known.flat_map(|header| header.split(',')).any(|it| it.trim() == tag || it.trim() == "*");
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from(bytes).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        attached(&mut response, name);
        response
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    if let Some(version) = version.and_then(|version| HeaderValue::from_str(&version).ok()) {
        headers.insert(VERSION, version);
    }
    response
}

/// Names the file under which a browser keeps the answer.
pub(crate) fn attached(response: &mut Response, name: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
}
