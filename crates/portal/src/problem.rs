//! What a caller is told when something does not go: RFC 9457 problem details that name field and value.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tongclear_desk::DeskError;
use tongclear_engine::EngineError;
use tongclear_store::StoreError;
use utoipa::ToSchema;

/// What did not go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem(Box<Details>);

/// Problem details, RFC 9457.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Details {
    /// `urn:tongclear:problem:` and a name that programs may rely on.
    #[serde(rename = "type")]
    kind: String,
    /// What it is, in a few words.
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What was wrong this time, and what to do.
    detail: String,
    /// The field that was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<String>,
    /// What stood in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    value: Option<String>,
    /// Seconds after which the same may be tried again.
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, name: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind: format!("urn:tongclear:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            value: None,
            retry_after: None,
        }))
    }

    /// The field and what stood in it.
    pub(crate) fn naming(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self.0.value = Some(value.into());
        self
    }

    /// After so many seconds the same may be tried again.
    fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// 400: the request cannot be read.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "the request cannot be read", detail)
    }

    /// 401: who asks?
    pub(crate) fn unknown_caller(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unknown_caller", "it is not known who asks", detail)
    }

    /// 403: known, but not allowed.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "this caller may not", detail)
    }

    /// 404.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing", detail)
    }

    /// 405.
    pub(crate) fn method() -> Self {
        let detail = "see /v1/openapi.json for what each address answers";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "this address does not answer that method",
            detail,
        )
    }

    /// 408: the body came too slowly.
    pub(crate) fn too_slow(seconds: u64) -> Self {
        let detail = format!("the body had not arrived whole after {seconds} s");
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body came too slowly", detail)
    }

    /// 409: it does not fit what the centre is now.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "it does not fit the state of the centre", detail)
    }

    /// 413.
    pub(crate) fn too_large(limit: usize) -> Self {
        let detail = format!("the body is longer than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is too large", detail)
    }

    /// 415.
    pub(crate) fn media_type(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", "the body has another media type", detail)
    }

    /// 422: it can be read, but is refused.
    pub(crate) fn refused(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", "what was handed in is refused", detail)
    }

    /// 429.
    pub(crate) fn too_many(retry_after: u64) -> Self {
        let detail = format!("more requests than this caller may make; try again in {retry_after} s");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "too many requests", detail)
            .retry_after(retry_after)
    }

    /// 503: disk, database, or the end of the program.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        const RETRY_AFTER_S: u64 = 2;
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "not at the moment", detail)
            .retry_after(RETRY_AFTER_S)
    }

    /// 500: our own fault.
    pub(crate) fn internal() -> Self {
        let detail = "a fault of the program; the log has it under this request's id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "a fault of the program", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(details) = self;
        let status = StatusCode::from_u16(details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = details.retry_after;
        let mut response = (status, Json(details)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { what } => {
                Self::conflict(format!("{what} changed meanwhile, or is in the way"))
            }
            fault => {
                tracing::error!(%fault, "the database");
                Self::unavailable("the database does not answer as it should")
            }
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NoSuchWindow(date) => {
                Self::not_found(format!("there is no window {date}")).naming("window", date.to_string())
            }
            EngineError::Refused(detail) | EngineError::CheckFailed(detail) => Self::conflict(detail),
            EngineError::List(error) => {
                Self::refused(error.to_string()).naming(error.what, error.value.clone())
            }
            error @ (EngineError::Registry(_) | EngineError::KeyFile(_) | EngineError::KeyRing(_)) => {
                Self::refused(error.to_string())
            }
            EngineError::Store(error) => error.into(),
            fault @ (EngineError::Vault { .. } | EngineError::Disk { .. } | EngineError::Damaged { .. }) => {
                tracing::error!(%fault, "disk or vault");
                Self::unavailable("disk or vault do not answer as they should")
            }
            fault => {
                tracing::error!(%fault, "our fault");
                Self::internal()
            }
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Engine(error) => error.into(),
            DeskError::Forbidden(detail) => Self::forbidden(detail),
            DeskError::NotFound(detail) => Self::not_found(detail),
            DeskError::Refused(detail) => Self::refused(detail),
            fault @ DeskError::Report(_) => {
                tracing::error!(%fault, "our fault");
                Self::internal()
            }
        }
    }
}
