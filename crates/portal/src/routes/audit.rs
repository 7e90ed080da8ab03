//! The audit log.

use std::sync::Arc;

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongclear_access::Action;
use tongclear_store::webhooks::entries_after;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::Query;
use crate::problem::Problem;
use crate::shared::Shared;

/// Entries on a page, at most.
const PAGE_MAX: u32 = 1_000;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(log))
}

/// An entry of the log.
#[derive(Serialize, ToSchema)]
struct Entry {
    /// Its number, from 1 without gaps.
    entry: i64,
    /// When, Unix milliseconds.
    at: i64,
    /// Who.
    actor: String,
    /// What happened.
    event: Value,
    /// The hash of the entry before.
    previous: String,
    /// Its own.
    hash: String,
}

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Range {
    /// Those after this number; from the first by default.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Entries, at most 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// What people and nights did, in order, each entry chained to the one before.
#[utoipa::path(get, path = "/v1/audit", tag = "centre", security(("bearer" = [])), params(Range),
    responses((status = 200, body = [Entry]), Problems))]
async fn log(caller: Caller, Query(range): Query<Range>) -> Result<Json<Vec<Entry>>, Problem> {
    let centre = caller.centre(Action::ReadAudit)?;
    let limit = range.limit.unwrap_or(PAGE_MAX);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(
            Problem::malformed(format!("limit: expected 1 to {PAGE_MAX}")).naming("limit", limit.to_string())
        );
    }
    let rows = entries_after(&*centre.store, range.after.unwrap_or(0), limit).await?;
    let entry = |row: tongclear_store::AuditRow| Entry {
        entry: row.entry,
        at: row.stamp.at.0,
        actor: row.stamp.by.to_string(),
        event: serde_json::from_str(&row.event).unwrap_or(Value::Null),
        previous: row.previous.to_string(),
        hash: row.hash.to_string(),
    };
    Ok(Json(rows.into_iter().map(entry).collect()))
}
