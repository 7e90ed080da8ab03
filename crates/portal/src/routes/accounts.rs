//! Accounts and tokens.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongclear_access::{Action, Password, Role, UserName};
use tongclear_desk::people::{self, NewUser};
use tongclear_store::people as rows;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::{Body, Path};
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(users, add))
        .routes(routes!(change))
        .routes(routes!(tokens, issue))
        .routes(routes!(revoke))
}

/// An account.
#[derive(Serialize, ToSchema)]
struct User {
    /// Its name.
    name: String,
    /// Its role.
    role: String,
    /// The participant whose figures it sees.
    participant: Option<String>,
    /// The machine's user who acts as this one on the command line.
    os_user: Option<String>,
    /// Whether it may log in.
    active: bool,
    /// Until when it rests after wrong passwords, Unix milliseconds.
    locked_until: Option<i64>,
    /// Since when there is the account, Unix milliseconds.
    created_at: i64,
}

impl From<rows::UserRow> for User {
    fn from(row: rows::UserRow) -> Self {
        Self {
            name: row.name.to_string(),
            role: row.role.to_string(),
            participant: row.participant.map(|it| it.to_string()),
            os_user: row.os_user,
            active: row.active,
            locked_until: row.attempts.locked_until.map(|it| it.0),
            created_at: row.created_at.0,
        }
    }
}

/// All accounts, by name.
#[utoipa::path(get, path = "/v1/users", tag = "access", security(("bearer" = [])),
    responses((status = 200, body = [User]), Problems))]
async fn users(caller: Caller) -> Result<Json<Vec<User>>, Problem> {
    let centre = caller.centre(Action::ManageUsers)?;
    Ok(Json(rows::users(&*centre.store).await?.into_iter().map(User::from).collect()))
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
struct Add {
    /// 1 to 32 of a-z, 0-9, dot, underscore and hyphen, beginning with a letter.
    name: String,
    /// `viewer`, `merchant`, `operator`, `clerk`, `approver`, `auditor` or `admin`.
    role: String,
    /// The merchant or operator whose figures it sees, for these two roles.
    participant: Option<String>,
    /// 10 to 256 bytes.
    #[schema(format = Password)]
    password: String,
}

/// Makes an account.
#[utoipa::path(post, path = "/v1/users", tag = "access", security(("bearer" = [])), request_body = Add,
    responses((status = 201, body = User), Problems))]
async fn add(caller: Caller, Body(new): Body<Add>) -> Result<(StatusCode, Json<User>), Problem> {
    let centre = caller.centre(Action::ManageUsers)?;
    let participant = new.participant.as_deref().map(|text| refused("participant", text)).transpose()?;
    let new = NewUser {
        name: refused::<UserName>("name", &new.name)?,
        role: refused::<Role>("role", &new.role)?,
        participant,
        os_user: None,
        password: password(new.password)?,
    };
    Ok((StatusCode::CREATED, Json(people::add_user(centre, new).await?.into())))
}

/// A value in a body.
fn refused<T: std::str::FromStr<Err: std::fmt::Display>>(field: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error| Problem::refused(format!("{field}: {error}")).naming(field, text))
}

fn password(text: String) -> Result<Password, Problem> {
    Password::new(text).map_err(|error| Problem::refused(error.to_string()).naming("password", "…"))
}

/// What is to change about an account.
#[derive(Deserialize, ToSchema)]
struct Changed {
    /// Another password, which lifts a lock and ends its sessions.
    #[schema(format = Password)]
    password: Option<String>,
    /// Whether it may log in.
    active: Option<bool>,
}

/// Changes an account.
#[utoipa::path(patch, path = "/v1/users/{name}", tag = "access", security(("bearer" = [])),
    params(("name" = String, Path)), request_body = Changed, responses((status = 200, body = User), Problems))]
async fn change(
    caller: Caller,
    Path(name): Path<String>,
    Body(changed): Body<Changed>,
) -> Result<Json<User>, Problem> {
    let centre = caller.centre(Action::ManageUsers)?;
    let name: UserName =
        name.parse().map_err(|_| Problem::not_found(format!("there is no user {name:?}")))?;
    people::user(centre, &name).await?;
    if let Some(text) = changed.password {
        people::set_password(centre, &name, password(text)?).await?;
    }
    if let Some(active) = changed.active {
        people::set_active(centre, &name, active).await?;
    }
    Ok(Json(people::user(centre, &name).await?.into()))
}

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
struct Token {
    /// Its number.
    id: i64,
    /// Whose it is.
    user: String,
    /// What it is for.
    label: String,
    /// When it was made, Unix milliseconds.
    created_at: i64,
    /// From when on it opens nothing, Unix milliseconds.
    expires_at: i64,
    /// When it was revoked, Unix milliseconds.
    revoked_at: Option<i64>,
}

/// All tokens, by number.
#[utoipa::path(get, path = "/v1/tokens", tag = "access", security(("bearer" = [])),
    responses((status = 200, body = [Token]), Problems))]
async fn tokens(caller: Caller) -> Result<Json<Vec<Token>>, Problem> {
    let centre = caller.centre(Action::ManageUsers)?;
    let token = |row: rows::TokenRow| Token {
        id: row.id,
        user: row.user.to_string(),
        label: row.label,
        created_at: row.created_at.0,
        expires_at: row.expires_at.0,
        revoked_at: row.revoked_at.map(|it| it.0),
    };
    Ok(Json(rows::tokens(&*centre.store).await?.into_iter().map(token).collect()))
}

/// A token to be issued.
#[derive(Deserialize, ToSchema)]
struct Issue {
    /// Whose it is: it may what this account may.
    user: String,
    /// What it is for.
    label: String,
    /// How long it is good for.
    #[schema(minimum = 1, maximum = 731)]
    days: u32,
}

/// A token that was issued: its secret is shown this once.
#[derive(Serialize, ToSchema)]
struct Issued {
    /// Its number.
    id: i64,
    /// To be shown as `Authorization: Bearer …`.
    secret: String,
    /// From when on it opens nothing, Unix milliseconds.
    expires_at: i64,
}

/// Issues a token to a program.
#[utoipa::path(post, path = "/v1/tokens", tag = "access", security(("bearer" = [])), request_body = Issue,
    responses((status = 201, body = Issued), Problems))]
async fn issue(caller: Caller, Body(new): Body<Issue>) -> Result<(StatusCode, Json<Issued>), Problem> {
    let centre = caller.centre(Action::ManageUsers)?;
    let user: UserName = refused("user", &new.user)?;
    let (id, secret, expires_at) = people::issue_token(centre, &user, &new.label, new.days).await?;
    let issued = Issued { id, secret: secret.reveal().to_owned(), expires_at: expires_at.0 };
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Revokes a token.
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "access", security(("bearer" = [])),
    params(("id" = i64, Path)), responses((status = 204), Problems))]
async fn revoke(caller: Caller, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    let centre = caller.centre(Action::ManageUsers)?;
    match rows::revoke_token(&*centre.store, id, &centre.stamp()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found(format!("no token {id} is in force"))),
    }
}
