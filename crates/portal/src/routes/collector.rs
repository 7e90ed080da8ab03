//! Collection sites: packages up; result files, deny lists, their part of the registry and what is missing down.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body as RawBody, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use serde::Serialize;
use tongclear_engine::intake::{Answer, Answered, Arrival};
use tongclear_package::{PACKAGE_LEN_MAX, peek_key};
use tongclear_types::{BusinessDate, OperatorCode};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Collector;
use crate::extract::{Path, Received, parsed};
use crate::files::file;
use crate::intake::NotTaken;
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(missing))
        .routes(routes!(results))
        .routes(routes!(result))
        .routes(routes!(deny_lists))
        .routes(routes!(deny_list))
        .routes(routes!(registry))
}

/// What became of a package; durable when it is said.
#[derive(Serialize, ToSchema)]
struct PackageAnswer {
    /// `received`, `already_received`, or `quarantined`.
    result: &'static str,
    /// Who sent it.
    collector: String,
    /// Its sequence, when it could be read.
    sequence: Option<u32>,
    /// SHA-256 of the bytes that arrived.
    sha256: String,
    /// Records received now.
    records: u64,
    /// Their amounts, fen.
    amount_fen: i64,
    /// Why it was quarantined.
    #[serde(flatten)]
    refusal: Option<Refusal>,
}

/// Why a package was quarantined, as `package.md` names it.
#[derive(Serialize, ToSchema)]
struct Refusal {
    /// The reason.
    reason: &'static str,
    /// The field that decided.
    field: &'static str,
    /// What stood in it.
    value: String,
    /// What should have.
    expected: String,
}

/// Hands a package in. The answer comes when it is durable; the same bytes may be sent again at any time.
#[utoipa::path(post, path = "/v1/collector/packages", tag = "collector", security(("certificate" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "the package, byte for byte"),
    responses((status = 200, body = PackageAnswer), Problems))]
async fn upload(
    State(shared): State<Arc<Shared>>,
    collector: Collector,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Json<PackageAnswer>, Problem> {
    // What is announced to be too long is not waited for.
    let announced = headers.get(CONTENT_LENGTH).and_then(|text| text.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > PACKAGE_LEN_MAX) {
        return Err(Problem::too_large(PACKAGE_LEN_MAX));
    }
    let Received { bytes, room: _room } = shared.room.receive(body, PACKAGE_LEN_MAX).await?;
    shared.metrics.heard_of(collector.id, shared.unscoped().clock.now());
    let key = peek_key(&bytes);
    if let Some((other, _)) = key
        && other != collector.id
    {
        let detail = format!("the package is {other}'s, and the certificate names {}", collector.id);
        return Err(Problem::forbidden(detail).naming("collector", other.to_string()));
    }
    let source = match key {
        Some((id, sequence)) => format!("collector:{id}-{sequence}"),
        None => format!("collector:{}", collector.id),
    };
    let Answered { answer, digest, received } =
        shared.intake.take(Arrival { source, bytes }).await.map_err(|not_taken| match not_taken {
            NotTaken::Full => Problem::unavailable("too many packages wait, or the program is about to end"),
            NotTaken::Fault(fault) => {
                tracing::warn!(%fault, collector = %collector.id, "a package was not taken in");
                Problem::unavailable("the package could not be made durable; nothing of it was kept")
            }
        })?;
    let (result, refusal) = match answer {
        Answer::Received => ("received", None),
        Answer::AlreadyReceived => ("already_received", None),
        Answer::Quarantined(it) => {
            let refusal =
                Refusal { reason: it.reason.name(), field: it.field, value: it.value, expected: it.expected };
            ("quarantined", Some(refusal))
        }
    };
    Ok(Json(PackageAnswer {
        result,
        collector: collector.id.to_string(),
        sequence: key.map(|(_, sequence)| sequence.0),
        sha256: digest.to_string(),
        records: received.transactions,
        amount_fen: received.amount_fen.get(),
        refusal,
    }))
}

/// Sequences that have not arrived although a later one has; both inclusive.
#[derive(Serialize, ToSchema)]
struct Missing {
    first: u32,
    last: u32,
}

/// The sequences of this collector that have not arrived although a later one has.
#[utoipa::path(get, path = "/v1/collector/packages/missing", tag = "collector", security(("certificate" = [])),
    responses((status = 200, body = [Missing]), Problems))]
async fn missing(collector: Collector) -> Result<Json<Vec<Missing>>, Problem> {
    let gaps = collector.view.missing().await?;
    Ok(Json(gaps.iter().map(|gap| Missing { first: gap.first.0, last: gap.last.0 }).collect()))
}

/// The windows for which this collector has a result file.
#[utoipa::path(get, path = "/v1/collector/results", tag = "collector", security(("certificate" = [])),
    responses((status = 200, body = [String]), Problems))]
async fn results(collector: Collector) -> Result<Json<Vec<String>>, Problem> {
    Ok(Json(collector.view.results().await?.iter().map(ToString::to_string).collect()))
}

/// The result file of a window (`package.md`).
#[utoipa::path(get, path = "/v1/collector/results/{window}", tag = "collector", security(("certificate" = [])),
    params(("window" = String, Path, format = Date, example = "2026-11-23"), ("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = String, content_type = "text/csv; charset=utf-8", headers(("etag" = String))),
        (status = 304), Problems))]
async fn result(
    collector: Collector,
    Path(window): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let window: BusinessDate = parsed("window", &window)?;
    let bytes = collector.view.result(window).await?;
    Ok(file(
        &headers,
        bytes,
        "text/csv; charset=utf-8",
        &format!("result-{}-{window}.csv", collector.id),
        None,
    ))
}

/// The newest deny list of a card operator.
#[derive(Serialize, ToSchema)]
struct DenyListHead {
    /// Whose cards.
    operator: String,
    /// Its version.
    version: u32,
    /// SHA-256 of its bytes.
    sha256: String,
}

/// The newest deny list of each card operator.
#[utoipa::path(get, path = "/v1/collector/deny-lists", tag = "collector", security(("certificate" = [])),
    responses((status = 200, body = [DenyListHead]), Problems))]
async fn deny_lists(collector: Collector) -> Result<Json<Vec<DenyListHead>>, Problem> {
    let lists = collector.view.deny_lists().await?;
    let head = |(operator, version, sha256): (OperatorCode, u32, tongclear_store::Digest)| DenyListHead {
        operator: operator.to_string(),
        version,
        sha256: sha256.to_string(),
    };
    Ok(Json(lists.into_iter().map(head).collect()))
}

/// The newest deny list of a card operator, byte for byte (`package.md`).
#[utoipa::path(get, path = "/v1/collector/deny-lists/{operator}", tag = "collector", security(("certificate" = [])),
    params(("operator" = String, Path), ("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = String, content_type = "text/plain; charset=utf-8",
        headers(("etag" = String), ("tongclear-version" = String))), (status = 304), Problems))]
async fn deny_list(
    collector: Collector,
    Path(operator): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let operator: OperatorCode = parsed("operator", &operator)?;
    let list = collector.view.deny_list(operator).await?;
    let name = format!("deny-{operator}-{}.txt", list.version);
    Ok(file(&headers, list.bytes, "text/plain; charset=utf-8", &name, Some(list.version.to_string())))
}

/// The part of the registry that concerns this collector: merchant, card operators, its terminals.
#[utoipa::path(get, path = "/v1/collector/registry", tag = "collector", security(("certificate" = [])),
    params(("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = serde_json::Value, content_type = "application/json",
        headers(("etag" = String), ("tongclear-version" = String))), (status = 304), Problems))]
async fn registry(collector: Collector, headers: HeaderMap) -> Result<Response, Problem> {
    let part = collector.view.registry_part().await?;
    let bytes = serde_json::to_vec(&part).map_err(|_| Problem::internal())?;
    let version = Some(part.version.to_string());
    Ok(file(&headers, Bytes::from(bytes), "application/json", "registry.json", version))
}
