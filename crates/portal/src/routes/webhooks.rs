//! Who is told of events.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongclear_access::Action;
use tongclear_desk::hooks;
use tongclear_store::webhooks as rows;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::{Body, Path};
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove))
}

/// An address that is told of events.
#[derive(Serialize, ToSchema)]
struct Webhook {
    /// Its number.
    id: i64,
    /// Where events are sent.
    url: String,
    /// The participant whose events these are; all of them without.
    participant: Option<String>,
    /// The last entry of the audit log that it was told of, or that does not concern it.
    sent: i64,
    /// Attempts in a row that failed.
    failures: u32,
    /// Before then nothing is tried, Unix milliseconds.
    next_at: i64,
    /// Why the last attempt failed.
    last_error: Option<String>,
    /// Whether it is told at all.
    active: bool,
}

/// All webhooks, by number.
#[utoipa::path(get, path = "/v1/webhooks", tag = "access", security(("bearer" = [])),
    responses((status = 200, body = [Webhook]), Problems))]
async fn list(caller: Caller) -> Result<Json<Vec<Webhook>>, Problem> {
    let centre = caller.centre(Action::ManageWebhooks)?;
    let hook = |row: rows::WebhookRow| Webhook {
        id: row.id,
        url: row.url,
        participant: row.participant.map(|it| it.to_string()),
        sent: row.sent,
        failures: row.failures,
        next_at: row.next_at.0,
        last_error: row.last_error,
        active: row.active,
    };
    Ok(Json(rows::webhooks(&*centre.store).await?.into_iter().map(hook).collect()))
}

/// An address to be told.
#[derive(Deserialize, ToSchema)]
struct Add {
    /// `https://…`, or `http://…` inside the house.
    #[schema(max_length = 2000)]
    url: String,
    /// Only what concerns this participant.
    participant: Option<String>,
}

/// A webhook that was made: what signs its events is shown this once.
#[derive(Serialize, ToSchema)]
struct Added {
    /// Its number.
    id: i64,
    /// The key of the HMAC-SHA256 in `tongclear-signature`: this text as it stands.
    secret: String,
}

/// Tells an address of every event from now on.
#[utoipa::path(post, path = "/v1/webhooks", tag = "access", security(("bearer" = [])), request_body = Add,
    responses((status = 201, body = Added), Problems))]
async fn add(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Body(new): Body<Add>,
) -> Result<(StatusCode, Json<Added>), Problem> {
    let centre = caller.centre(Action::ManageWebhooks)?;
    let participant = new.participant.as_deref().map(str::parse).transpose();
    let participant = participant.map_err(|error: tongclear_ledger::AccountError| {
        Problem::refused(format!("participant: {error}"))
            .naming("participant", new.participant.unwrap_or_default())
    })?;
    let (id, secret) = hooks::add(centre, &new.url, participant, shared.keys.passphrase()).await?;
    Ok((StatusCode::CREATED, Json(Added { id, secret: secret.reveal().to_owned() })))
}

/// Stops telling an address.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "access", security(("bearer" = [])),
    params(("id" = i64, Path)), responses((status = 204), Problems))]
async fn remove(caller: Caller, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    let centre = caller.centre(Action::ManageWebhooks)?;
    match rows::remove_webhook(&*centre.store, id, &centre.stamp()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found(format!("no webhook {id} is told"))),
    }
}
