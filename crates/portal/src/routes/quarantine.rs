//! What intake refused, and judging it afresh.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tongclear_access::Action;
use tongclear_engine::Unwatched;
use tongclear_engine::intake::retry_quarantine;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(quarantine)).routes(routes!(retry))
}

/// Bytes in quarantine.
#[derive(Serialize, ToSchema)]
struct Quarantined {
    /// SHA-256 of the bytes.
    sha256: String,
    /// How many there are.
    bytes: u64,
    /// Where they came from.
    source: String,
    /// Why they were refused (`package.md`).
    reason: String,
    /// The field that decided.
    field: String,
    /// What stood in it.
    value: String,
    /// What should have.
    expected: String,
    /// When they came last, Unix milliseconds.
    arrived_at: i64,
    /// How often they came.
    arrivals: u64,
}

/// What intake refused, in the order of arrival.
#[utoipa::path(get, path = "/v1/quarantine", tag = "centre", security(("bearer" = [])),
    responses((status = 200, body = [Quarantined]), Problems))]
async fn quarantine(caller: Caller) -> Result<Json<Vec<Quarantined>>, Problem> {
    let centre = caller.centre(Action::ReadQuarantine)?;
    let row = |row: tongclear_store::QuarantineRow| Quarantined {
        sha256: row.refused.digest.to_string(),
        bytes: row.refused.bytes,
        source: row.refused.source,
        reason: row.refused.reason,
        field: row.refused.field,
        value: row.refused.value,
        expected: row.refused.expected,
        arrived_at: row.refused.arrived_at.0,
        arrivals: row.arrivals,
    };
    Ok(Json(centre.store.quarantine().await?.into_iter().map(row).collect()))
}

/// What judging afresh did.
#[derive(Serialize, ToSchema)]
struct Retried {
    /// Packages that were received now.
    received: u64,
    /// Their records.
    records: u64,
    /// Packages that had been received meanwhile.
    already_received: u64,
    /// Packages that stay in quarantine.
    quarantined: usize,
}

/// Judges what lies in quarantine afresh, after registry or keys have changed.
#[utoipa::path(post, path = "/v1/quarantine/retry", tag = "centre", security(("bearer" = [])),
    responses((status = 200, body = Retried), Problems))]
async fn retry(State(shared): State<Arc<Shared>>, caller: Caller) -> Result<Json<Retried>, Problem> {
    let centre = caller.centre(Action::RetryQuarantine)?;
    let known = shared.keys.now(shared.unscoped()).await?;
    let report = retry_quarantine(centre, &known.ring, &Unwatched).await?;
    Ok(Json(Retried {
        received: report.received.packages,
        records: report.received.transactions,
        already_received: report.already_received,
        quarantined: report.quarantined.len(),
    }))
}
