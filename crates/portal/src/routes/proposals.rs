//! Four eyes: what waits for a second person, and what that person says.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongclear_access::{Action, ProposalKind};
use tongclear_desk::proposals;
use tongclear_store::four_eyes::{self, ProposalRow};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::registry::Change;
use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::{Body, Path, parsed};
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(approve))
        .routes(routes!(refuse))
        .routes(routes!(withdraw))
        .routes(routes!(required, require))
}

/// A change that waits for, or had, its second person.
#[derive(Serialize, ToSchema)]
struct Proposal {
    /// Its number.
    id: i64,
    /// `registry`, `keys`, `deny_list`, `decision` or `payout`.
    kind: String,
    /// What it changes, in words.
    subject: String,
    /// SHA-256 of what takes effect.
    sha256: String,
    /// `open`, `approved`, `refused`, `withdrawn` or `applied`.
    state: String,
    /// Who proposed it.
    proposed_by: String,
    /// When, Unix milliseconds.
    proposed_at: i64,
    /// Who decided.
    decided_by: Option<String>,
    /// When, Unix milliseconds.
    decided_at: Option<i64>,
    /// What they said.
    note: Option<String>,
}

impl From<ProposalRow> for Proposal {
    fn from(row: ProposalRow) -> Self {
        let (by, at, note) = match row.decided {
            Some(decided) => (Some(decided.by.to_string()), Some(decided.at.0), decided.note),
            None => (None, None, None),
        };
        Self {
            id: row.id,
            kind: row.kind.to_string(),
            subject: row.subject,
            sha256: row.body_sha256.to_string(),
            state: row.state.to_string(),
            proposed_by: row.proposed_by.to_string(),
            proposed_at: row.proposed_at.0,
            decided_by: by,
            decided_at: at,
            note,
        }
    }
}

/// All proposals, by number.
#[utoipa::path(get, path = "/v1/proposals", tag = "centre", security(("bearer" = [])),
    responses((status = 200, body = [Proposal]), Problems))]
async fn list(caller: Caller) -> Result<Json<Vec<Proposal>>, Problem> {
    let centre = caller.centre(Action::ReadProposals)?;
    let rows = four_eyes::proposals(&*centre.store).await?;
    Ok(Json(rows.into_iter().map(Proposal::from).collect()))
}

/// One proposal.
#[utoipa::path(get, path = "/v1/proposals/{id}", tag = "centre", security(("bearer" = [])),
    params(("id" = i64, Path)), responses((status = 200, body = Proposal), Problems))]
async fn show(caller: Caller, Path(id): Path<i64>) -> Result<Json<Proposal>, Problem> {
    let centre = caller.centre(Action::ReadProposals)?;
    Ok(Json(proposals::proposal(centre, id).await?.into()))
}

/// What somebody says to a proposal.
#[derive(Deserialize, ToSchema)]
struct Said {
    /// Their words, for the record.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

impl Said {
    fn note(&self) -> Result<Option<&str>, Problem> {
        const NOTE_MAX: usize = 1_000;
        match self.note.as_deref() {
            Some(note) if note.chars().count() > NOTE_MAX => {
                Err(Problem::refused(format!("note: at most {NOTE_MAX} characters")).naming("note", "…"))
            }
            note => Ok(note),
        }
    }
}

/// Approves a proposal as somebody else than its proposer; it takes effect.
#[utoipa::path(post, path = "/v1/proposals/{id}/approve", tag = "centre", security(("bearer" = [])),
    params(("id" = i64, Path)), request_body = Said, responses((status = 200, body = Change), Problems))]
async fn approve(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Path(id): Path<i64>,
    Body(said): Body<Said>,
) -> Result<Json<Change>, Problem> {
    let passphrase = Some(shared.keys.passphrase());
    let centre = caller.centre(Action::Approve)?;
    let effect = proposals::approve(centre, &caller.acting, id, said.note()?, passphrase).await?;
    Ok(Json(Change::done(effect)))
}

/// Refuses a proposal as somebody else than its proposer.
#[utoipa::path(post, path = "/v1/proposals/{id}/refuse", tag = "centre", security(("bearer" = [])),
    params(("id" = i64, Path)), request_body = Said, responses((status = 204), Problems))]
async fn refuse(caller: Caller, Path(id): Path<i64>, Body(said): Body<Said>) -> Result<StatusCode, Problem> {
    let centre = caller.centre(Action::Approve)?;
    proposals::refuse(centre, &caller.acting, id, said.note()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes one's own proposal back.
#[utoipa::path(post, path = "/v1/proposals/{id}/withdraw", tag = "centre", security(("bearer" = [])),
    params(("id" = i64, Path)), request_body = Said, responses((status = 204), Problems))]
async fn withdraw(
    caller: Caller,
    Path(id): Path<i64>,
    Body(said): Body<Said>,
) -> Result<StatusCode, Problem> {
    let centre = caller.centre(Action::Propose)?;
    proposals::withdraw(centre, &caller.acting, id, said.note()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a kind of change needs two people.
#[derive(Serialize, ToSchema)]
struct Kind {
    /// Which kind.
    kind: &'static str,
    /// Whether it needs two people.
    required: bool,
}

/// Which kinds of changes need two people.
#[utoipa::path(get, path = "/v1/four-eyes", tag = "centre", security(("bearer" = [])),
    responses((status = 200, body = [Kind]), Problems))]
async fn required(caller: Caller) -> Result<Json<Vec<Kind>>, Problem> {
    let centre = caller.centre(Action::ReadProposals)?;
    let required = four_eyes::required(&*centre.store).await?;
    let kind = |kind: &ProposalKind| Kind { kind: kind.name(), required: required.contains(kind) };
    Ok(Json(ProposalKind::ALL.iter().map(kind).collect()))
}

/// A kind of change that is to need two people.
#[derive(Deserialize, ToSchema)]
struct Require {
    /// Which kind.
    kind: String,
}

/// Demands two people for a kind of change from now on. Only the command line on the centre's machine takes that back.
#[utoipa::path(post, path = "/v1/four-eyes", tag = "centre", security(("bearer" = [])), request_body = Require,
    responses((status = 204), Problems))]
async fn require(caller: Caller, Body(asked): Body<Require>) -> Result<StatusCode, Problem> {
    let centre = caller.centre(Action::SetPolicy)?;
    let kind: ProposalKind = parsed("kind", &asked.kind)?;
    four_eyes::require(&*centre.store, kind, true, &centre.stamp()).await?;
    Ok(StatusCode::NO_CONTENT)
}
