//! Deny lists.

use std::sync::Arc;

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongclear_access::Action;
use tongclear_desk::proposals::{Effect, Outcome, Proposed, submit};
use tongclear_engine::admin::load_deny_list;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::registry::Change;
use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::{Query, Received};
use crate::problem::Problem;
use crate::shared::Shared;

/// Bytes of a list, at most: some five million cards.
const LIST_MAX: usize = 128 << 20;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(lists, load))
}

/// A deny list.
#[derive(Serialize, ToSchema)]
struct DenyList {
    /// Whose cards.
    operator: String,
    /// Its version.
    version: u32,
    /// From when it is in force, local time.
    effective: String,
    /// How many cards it lists.
    entries: u64,
    /// SHA-256 of its bytes.
    sha256: String,
}

/// All deny lists, in the order in which they were loaded.
#[utoipa::path(get, path = "/v1/deny-lists", tag = "centre", security(("bearer" = [])),
    responses((status = 200, body = [DenyList]), Problems))]
async fn lists(caller: Caller) -> Result<Json<Vec<DenyList>>, Problem> {
    let centre = caller.centre(Action::ReadDenyLists)?;
    let list = |row: tongclear_store::DenyListRow| DenyList {
        operator: row.operator.to_string(),
        version: row.version,
        effective: row.effective.to_string(),
        entries: row.entries,
        sha256: row.digest.to_string(),
    };
    Ok(Json(centre.store.deny_lists().await?.into_iter().map(list).collect()))
}

/// Whether a list may grow by more than the guard allows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Override {
    /// Take it although it grows by more than the guard allows; needs two people where deny lists do.
    #[serde(rename = "override")]
    lift: Option<bool>,
}

/// Takes a deny list (`package.md`), whole or not at all.
#[utoipa::path(post, path = "/v1/deny-lists", tag = "centre", security(("bearer" = [])), params(Override),
    request_body(content = String, content_type = "text/plain", description = "the list, byte for byte"),
    responses((status = 200, body = Change), (status = 202, body = Change), Problems))]
async fn load(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Query(Override { lift }): Query<Override>,
    body: RawBody,
) -> Result<(StatusCode, Json<Change>), Problem> {
    let centre = caller.centre(Action::Propose)?;
    let Received { bytes, room: _room } = shared.room.receive(body, LIST_MAX).await?;
    let bytes = bytes.to_vec();
    let outcome = if lift == Some(true) {
        let passphrase = Some(shared.keys.passphrase());
        submit(centre, &caller.acting, Proposed::DenyList(bytes), passphrase).await?
    } else {
        Outcome::Done(Effect::DenyList(load_deny_list(centre, &bytes, false).await?))
    };
    Ok(Change::of(outcome))
}
