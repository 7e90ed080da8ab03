//! What has come in since the last close, and what is missing.

use std::sync::Arc;

use axum::Json;
use serde::Serialize;
use tongclear_access::Action;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(open_window))
}

/// The window that takes packages.
#[derive(Serialize, ToSchema)]
struct OpenWindow {
    /// Packages in it.
    packages: u64,
    /// Their records.
    transactions: u64,
    /// The sum of the records' amounts.
    amount_fen: i64,
    /// Sequences that have not arrived although a later one has, by collector.
    missing: Vec<Missing>,
}

/// Sequences of a collector that are missing; both inclusive.
#[derive(Serialize, ToSchema)]
struct Missing {
    collector: String,
    first: u32,
    last: u32,
}

/// What has come in since the last close, and what is missing.
#[utoipa::path(get, path = "/v1/intake", tag = "centre", security(("bearer" = [])),
    responses((status = 200, body = OpenWindow), Problems))]
async fn open_window(caller: Caller) -> Result<Json<OpenWindow>, Problem> {
    let centre = caller.centre(Action::ReadOperations)?;
    let windows = centre.store.windows().await?;
    let open = tongclear_engine::open_window(&windows)?;
    let missing = centre.store.missing_packages().await?;
    let missing = missing.into_iter().map(|gap| Missing {
        collector: gap.collector.to_string(),
        first: gap.first.0,
        last: gap.last.0,
    });
    Ok(Json(OpenWindow {
        packages: open.packages,
        transactions: open.transactions,
        amount_fen: open.amount.get(),
        missing: missing.collect(),
    }))
}
