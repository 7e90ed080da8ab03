//! The registry and the keys: what is in force, and changes to it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongclear_access::Action;
use tongclear_desk::proposals::{Effect, Outcome, Proposed, submit};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zeroize::Zeroizing;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::Body;
use crate::problem::Problem;
use crate::shared::Shared;

/// Bytes of a registry as JSON, at most: that of a big city's terminals is some 10 MB.
const REGISTRY_MAX: usize = 64 << 20;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(registry, load_registry)).routes(routes!(keys, load_keys))
}

/// What became of a change.
#[derive(Serialize, ToSchema)]
pub(super) struct Change {
    /// `done`, or `proposed` when another person has to approve it.
    result: &'static str,
    /// The proposal that waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proposal: Option<i64>,
    /// The version or generation in force now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    version: Option<i64>,
    /// What changed, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    changes: Option<String>,
}

impl Change {
    /// The answer to a change: 200 when it took effect, 202 when it waits.
    pub(super) fn of(outcome: Outcome) -> (StatusCode, Json<Self>) {
        match outcome {
            Outcome::Waits(id) => {
                let change = Self { result: "proposed", proposal: Some(id), version: None, changes: None };
                (StatusCode::ACCEPTED, Json(change))
            }
            Outcome::Done(effect) => (StatusCode::OK, Json(Self::done(effect))),
        }
    }

    /// A change that took effect.
    pub(super) fn done(effect: Effect) -> Self {
        let (version, changes) = match effect {
            Effect::Registry { version, changes } => (version.0, changes.to_string()),
            Effect::Keys { generation, added } => (generation.0, format!("{} new keys", added.len())),
            Effect::Payout(created) => {
                let (payments, amount) =
                    created.row().map_or((0, Default::default()), |it| (it.payments, it.amount));
                (i64::try_from(payments).unwrap_or(i64::MAX), format!("{payments} payments, {amount} fen"))
            }
            Effect::Decision(row) => {
                (row.id, format!("{} of {}", row.decision.resolution, row.decision.subject.reference()))
            }
            Effect::DenyList(row) => {
                (i64::from(row.version), format!("{} cards of {}", row.entries, row.operator))
            }
        };
        Self { result: "done", proposal: None, version: Some(version), changes: Some(changes) }
    }
}

/// The registry in force.
#[derive(Serialize, ToSchema)]
struct RegistryInForce {
    /// Its version.
    version: i64,
    /// Centre, operators, merchants, collectors, terminals, contracts and calendars.
    registry: Value,
}

/// The registry in force.
#[utoipa::path(get, path = "/v1/registry", tag = "centre", security(("bearer" = [])),
    responses((status = 200, body = RegistryInForce), Problems))]
async fn registry(caller: Caller) -> Result<Json<RegistryInForce>, Problem> {
    let centre = caller.centre(Action::ReadRegistry)?;
    let stored = centre.store.latest_registry().await?;
    let stored = stored.ok_or_else(|| Problem::not_found("there is no registry yet"))?;
    let registry = serde_json::from_str(&stored.body).map_err(|_| Problem::internal())?;
    Ok(Json(RegistryInForce { version: stored.number.0, registry }))
}

/// A registry as its two files.
#[derive(Deserialize, ToSchema)]
struct NewRegistry {
    /// `registry.toml`.
    registry_toml: String,
    /// `terminals.csv`.
    terminals_csv: String,
}

/// Loads a registry whole, or proposes it where that needs two people.
#[utoipa::path(put, path = "/v1/registry", tag = "centre", security(("bearer" = [])), request_body = NewRegistry,
    responses((status = 200, body = Change), (status = 202, body = Change), Problems))]
async fn load_registry(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, Json<Change>), Problem> {
    let centre = caller.centre(Action::Propose)?;
    let Body(new) = Body::<NewRegistry>::of(&shared, request, REGISTRY_MAX).await?;
    let change = Proposed::Registry { toml: new.registry_toml, terminals: new.terminals_csv.into_bytes() };
    let outcome = submit(centre, &caller.acting, change, Some(shared.keys.passphrase())).await?;
    Ok(Change::of(outcome))
}

/// A key, never itself.
#[derive(Serialize, ToSchema)]
struct Key {
    /// What it is for.
    key_use: String,
    /// Whose cards.
    operator: Option<String>,
    /// Its version.
    version: String,
    /// Its algorithm.
    algorithm: String,
    /// What shows that it is the right one.
    check_value: String,
}

/// The check values of the keys in the ring.
#[utoipa::path(get, path = "/v1/keys", tag = "centre", security(("bearer" = [])),
    responses((status = 200, body = [Key]), Problems))]
async fn keys(State(shared): State<Arc<Shared>>, caller: Caller) -> Result<Json<Vec<Key>>, Problem> {
    caller.centre(Action::ReadKeys)?;
    let known = shared.keys.now(shared.unscoped()).await?;
    let key = |info: tongclear_mac::KeyInfo| Key {
        key_use: info.key_use.to_string(),
        operator: info.operator.map(|it| it.to_string()),
        version: info.version.to_string(),
        algorithm: info.algorithm.to_string(),
        check_value: info.check_value,
    };
    Ok(Json(known.ring.entries().map(key).collect()))
}

/// Keys to be added.
#[derive(Deserialize, ToSchema)]
struct NewKeys {
    /// `keys.toml`.
    #[schema(format = Password)]
    keys_toml: String,
}

/// Adds keys to the ring, or proposes that where it needs two people; a proposal holds them sealed.
#[utoipa::path(post, path = "/v1/keys", tag = "centre", security(("bearer" = [])), request_body = NewKeys,
    responses((status = 200, body = Change), (status = 202, body = Change), Problems))]
async fn load_keys(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Body(NewKeys { keys_toml }): Body<NewKeys>,
) -> Result<(StatusCode, Json<Change>), Problem> {
    let change = Proposed::Keys(Zeroizing::new(keys_toml));
    let centre = caller.centre(Action::Propose)?;
    let outcome = submit(centre, &caller.acting, change, Some(shared.keys.passphrase())).await?;
    Ok(Change::of(outcome))
}
