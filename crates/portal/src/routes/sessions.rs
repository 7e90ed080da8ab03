//! Logging in and out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use tongclear_access::Password;
use tongclear_desk::{DeskError, people};
use tongclear_store::Digest;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::{Caller, Stranger, bearer};
use crate::extract::Body;
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(log_in, log_out, whoami))
}

/// Who wants to come in.
#[derive(Deserialize, ToSchema)]
struct LogIn {
    /// The user's name.
    #[schema(max_length = 32)]
    user: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// A session: the secret is shown this once.
#[derive(Serialize, ToSchema)]
struct Session {
    /// To be shown as `Authorization: Bearer …`.
    secret: String,
    /// From when on it opens nothing, Unix milliseconds.
    expires_at: i64,
    /// Who this is.
    #[serde(flatten)]
    me: Me,
}

/// Who asks.
#[derive(Serialize, ToSchema)]
struct Me {
    /// The user's name.
    user: String,
    /// The role.
    role: String,
    /// The participant whose figures they see; nobody's in particular for the centre's staff.
    participant: Option<String>,
}

/// Begins a session. Five wrong passwords let the account rest for 15 minutes.
#[utoipa::path(post, path = "/v1/sessions", tag = "access", request_body = LogIn,
    responses((status = 201, body = Session), Problems))]
async fn log_in(
    State(shared): State<Arc<Shared>>,
    _: Stranger,
    Body(LogIn { user, password }): Body<LogIn>,
) -> Result<(StatusCode, Json<Session>), Problem> {
    let wrong = "the user name or the password is wrong, or the account rests";
    let password = Password::new(password).map_err(|_| Problem::unknown_caller(wrong))?;
    let (secret, expires_at, row) =
        people::log_in(shared.unscoped(), &user, password).await.map_err(|error| match error {
            DeskError::Forbidden(detail) => Problem::unknown_caller(detail),
            other => other.into(),
        })?;
    let me = Me {
        user: row.name.to_string(),
        role: row.role.to_string(),
        participant: row.participant.map(|it| it.to_string()),
    };
    let session = Session { secret: secret.reveal().to_owned(), expires_at: expires_at.0, me };
    Ok((StatusCode::CREATED, Json(session)))
}

/// Ends the session that asks.
#[utoipa::path(delete, path = "/v1/sessions", tag = "access", security(("bearer" = [])),
    responses((status = 204), Problems))]
async fn log_out(State(shared): State<Arc<Shared>>, _: Caller, parts: Parts) -> Result<StatusCode, Problem> {
    let secret = bearer(&parts)?;
    tongclear_store::people::end_session(&*shared.unscoped().store, Digest(secret.digest())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who the bearer secret belongs to.
#[utoipa::path(get, path = "/v1/sessions", tag = "access", security(("bearer" = [])),
    responses((status = 200, body = Me), Problems))]
async fn whoami(caller: Caller) -> Result<Json<Me>, Problem> {
    let person = caller.acting.named().ok_or_else(Problem::internal)?;
    Ok(Json(Me {
        user: person.name().to_string(),
        role: person.role().to_string(),
        participant: person.participant().map(|it| it.to_string()),
    }))
}
