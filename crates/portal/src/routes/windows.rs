//! Windows, what they come to, their reports, continuity and devices: each caller's own.

use std::sync::Arc;

use axum::Json;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongclear_access::Action;
use tongclear_types::BusinessDate;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::{Path, Query, parsed};
use crate::files::file;
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(windows))
        .routes(routes!(figures))
        .routes(routes!(reports))
        .routes(routes!(report))
        .routes(routes!(continuity))
        .routes(routes!(devices))
}

/// Whose figures are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Of {
    /// As this participant sees it, such as `merchant:BUS00001` or `operator:0417`; by default as the caller does. Nobody but
    /// the centre's staff may name another one than their own.
    #[param(example = "merchant:BUS00001")]
    pub(super) participant: Option<String>,
}

/// A window.
#[derive(Serialize, ToSchema)]
struct Window {
    /// Its business date.
    #[schema(format = Date)]
    window: String,
    /// `closed`, `cleared`, `settled` or `paid`.
    state: &'static str,
}

/// The windows past their close, in order.
#[utoipa::path(get, path = "/v1/windows", tag = "participant", security(("bearer" = [])),
    responses((status = 200, body = [Window]), Problems))]
async fn windows(caller: Caller) -> Result<Json<Vec<Window>>, Problem> {
    caller.demand(Action::ReadFigures)?;
    let windows = caller.view(None)?.windows().await?;
    let row =
        |it: tongclear_desk::WindowSeen| Window { window: it.window.to_string(), state: it.state.name() };
    Ok(Json(windows.into_iter().map(row).collect()))
}

/// What a cleared window comes to: dispositions, merchants, operators, sponsors, positions.
#[utoipa::path(get, path = "/v1/windows/{window}", tag = "participant", security(("bearer" = [])),
    params(("window" = String, Path, format = Date, example = "2026-11-23"), Of), responses((status = 200, body = Value), Problems))]
async fn figures(
    caller: Caller,
    Path(window): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<tongclear_desk::Figures>, Problem> {
    caller.demand(Action::ReadFigures)?;
    let window: BusinessDate = parsed("window", &window)?;
    Ok(Json(caller.view(of.participant.as_deref())?.figures(window).await?))
}

/// The names of a window's reports: statements that prove themselves, lists of unpaid records, the root.
#[utoipa::path(get, path = "/v1/windows/{window}/reports", tag = "participant", security(("bearer" = [])),
    params(("window" = String, Path, format = Date, example = "2026-11-23"), Of), responses((status = 200, body = [String]), Problems))]
async fn reports(
    caller: Caller,
    Path(window): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Vec<String>>, Problem> {
    caller.demand(Action::ReadStatements)?;
    let window: BusinessDate = parsed("window", &window)?;
    Ok(Json(caller.view(of.participant.as_deref())?.reports(window).await?))
}

/// A report, byte for byte.
#[utoipa::path(get, path = "/v1/windows/{window}/reports/{name}", tag = "participant", security(("bearer" = [])),
    params(("window" = String, Path, format = Date, example = "2026-11-23"), ("name" = String, Path), Of,
        ("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = String, content_type = "application/octet-stream", headers(("etag" = String))),
        (status = 304), Problems))]
async fn report(
    caller: Caller,
    Path((window, name)): Path<(String, String)>,
    Query(of): Query<Of>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.demand(Action::ReadStatements)?;
    let window: BusinessDate = parsed("window", &window)?;
    let bytes = caller.view(of.participant.as_deref())?.report(window, &name).await?;
    Ok(file(&headers, bytes, "application/octet-stream", &name, None))
}

/// What is missing, doubled or broken between the records that arrived.
#[utoipa::path(get, path = "/v1/windows/{window}/continuity", tag = "participant", security(("bearer" = [])),
    params(("window" = String, Path, format = Date, example = "2026-11-23"), Of), responses((status = 200, body = Value), Problems))]
async fn continuity(
    caller: Caller,
    Path(window): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Value>, Problem> {
    caller.demand(Action::ReadDevices)?;
    let window: BusinessDate = parsed("window", &window)?;
    Ok(Json(caller.view(of.participant.as_deref())?.continuity(window).await?))
}

/// Terminals and collectors by what they lose, the worst first.
#[utoipa::path(get, path = "/v1/windows/{window}/devices", tag = "participant", security(("bearer" = [])),
    params(("window" = String, Path, format = Date, example = "2026-11-23"), Of), responses((status = 200, body = Value), Problems))]
async fn devices(
    caller: Caller,
    Path(window): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Value>, Problem> {
    caller.demand(Action::ReadDevices)?;
    let window: BusinessDate = parsed("window", &window)?;
    Ok(Json(caller.view(of.participant.as_deref())?.devices(window).await?))
}
