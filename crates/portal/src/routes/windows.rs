//! Windows, what they come to, their reports, continuity and devices: each caller's own.

use std::sync::Arc;

use axum::Json;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongclear_access::Action;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::Path;
use crate::files::file;
use crate::of_window::{Of, OfWindow, WindowAsked};
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
    let windows = caller.view(Action::ReadFigures, None)?.windows().await?;
    let row =
        |it: tongclear_desk::WindowSeen| Window { window: it.window.to_string(), state: it.state.name() };
    Ok(Json(windows.into_iter().map(row).collect()))
}

/// What a cleared window comes to: dispositions, merchants, operators, sponsors, positions.
#[utoipa::path(get, path = "/v1/windows/{window}", tag = "participant", security(("bearer" = [])),
    params(WindowAsked, Of), responses((status = 200, body = Value), Problems))]
async fn figures(asked: OfWindow) -> Result<Json<tongclear_desk::Figures>, Problem> {
    let (view, window) = asked.seen(Action::ReadFigures)?;
    Ok(Json(view.figures(window).await?))
}

/// The names of a window's reports: statements that prove themselves, lists of unpaid records, the root.
#[utoipa::path(get, path = "/v1/windows/{window}/reports", tag = "participant", security(("bearer" = [])),
    params(WindowAsked, Of), responses((status = 200, body = [String]), Problems))]
async fn reports(asked: OfWindow) -> Result<Json<Vec<String>>, Problem> {
    let (view, window) = asked.seen(Action::ReadStatements)?;
    Ok(Json(view.reports(window).await?))
}

/// A report, byte for byte.
#[utoipa::path(get, path = "/v1/windows/{window}/reports/{name}", tag = "participant", security(("bearer" = [])),
    params(WindowAsked, ("name" = String, Path), Of,
        ("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = String, content_type = "application/octet-stream", headers(("etag" = String))),
        (status = 304), Problems))]
async fn report(
    asked: OfWindow,
    Path(ReportAsked { name }): Path<ReportAsked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (view, window) = asked.seen(Action::ReadStatements)?;
    let bytes = view.report(window, &name).await?;
    Ok(file(&headers, bytes, "application/octet-stream", &name, None))
}

/// The report that an address names.
#[derive(Deserialize)]
struct ReportAsked {
    name: String,
}

/// What is missing, doubled or broken between the records that arrived.
#[utoipa::path(get, path = "/v1/windows/{window}/continuity", tag = "participant", security(("bearer" = [])),
    params(WindowAsked, Of), responses((status = 200, body = Value), Problems))]
async fn continuity(asked: OfWindow) -> Result<Json<Value>, Problem> {
    let (view, window) = asked.seen(Action::ReadDevices)?;
    Ok(Json(view.continuity(window).await?))
}

/// Terminals and collectors by what they lose, the worst first.
#[utoipa::path(get, path = "/v1/windows/{window}/devices", tag = "participant", security(("bearer" = [])),
    params(WindowAsked, Of), responses((status = 200, body = Value), Problems))]
async fn devices(asked: OfWindow) -> Result<Json<Value>, Problem> {
    let (view, window) = asked.seen(Action::ReadDevices)?;
    Ok(Json(view.devices(window).await?))
}
