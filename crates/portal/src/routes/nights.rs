//! Starting a night and watching it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tongclear_access::Action;
use tongclear_engine::WORKERS_MAX;
use tongclear_types::BusinessDate;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::{Body, Path, parsed};
use crate::nights::{NightState, RUNNING};
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(start)).routes(routes!(night)).routes(routes!(events))
}

/// A night to be run.
#[derive(Deserialize, ToSchema)]
struct NewNight {
    /// The business date of the window.
    #[schema(format = Date)]
    window: String,
    /// Threads of the clearing run; by default one a core.
    #[schema(minimum = 1, maximum = 256)]
    workers: Option<usize>,
}

/// Starts a night: close, clear, settle, statements. One that runs already goes on.
#[utoipa::path(post, path = "/v1/nights", tag = "centre", security(("bearer" = [])), request_body = NewNight,
    responses((status = 202, body = NightState), Problems))]
async fn start(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Body(new): Body<NewNight>,
) -> Result<(StatusCode, Json<NightState>), Problem> {
    let centre = caller.centre(Action::RunNight)?;
    let date: BusinessDate = new.window.parse().map_err(|error| {
        Problem::refused(format!("window: {error}")).naming("window", new.window.as_str())
    })?;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS_MAX);
    let workers = new.workers.unwrap_or_else(cores);
    if !(1..=WORKERS_MAX).contains(&workers) {
        let detail = format!("workers: expected 1 to {WORKERS_MAX}");
        return Err(Problem::refused(detail).naming("workers", workers.to_string()));
    }
    tongclear_engine::refuse_if_past(&centre.store.windows().await?, date)?;
    let (keys, metrics) = (Arc::clone(&shared.keys), Arc::clone(&shared.metrics));
    let night = shared.nights.start(centre.clone(), date, workers, keys, metrics)?;
    let state = night.borrow().clone();
    Ok((StatusCode::ACCEPTED, Json(state)))
}

/// How far the night has come that runs or ran last in this program.
#[utoipa::path(get, path = "/v1/nights/{window}", tag = "centre", security(("bearer" = [])),
    params(("window" = String, Path, format = Date, example = "2026-11-23")), responses((status = 200, body = NightState), Problems))]
async fn night(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Path(window): Path<String>,
) -> Result<Json<NightState>, Problem> {
    Ok(Json(watched(&shared, &caller, &window)?.borrow().clone()))
}

/// A server-sent event of a night.
#[derive(Serialize, ToSchema)]
struct NightEvent {
    /// `night`.
    event: String,
    /// How far the night has come: the JSON of `NightState`.
    data: String,
}

/// The same as server-sent events of type `night`, one a change, until the night has ended.
#[utoipa::path(get, path = "/v1/nights/{window}/events", tag = "centre", security(("bearer" = [])),
    params(("window" = String, Path, format = Date, example = "2026-11-23")),
    responses((status = 200, body = NightEvent, content_type = "text/event-stream"), Problems))]
async fn events(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Path(window): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let mut night = watched(&shared, &caller, &window)?;
    night.mark_changed();
    let stream = futures::stream::unfold(Some(night), |night| async move {
        let mut night = night?;
        night.changed().await.ok()?;
        let state = night.borrow_and_update().clone();
        let ended = state.state != RUNNING;
        let event = Event::default().event("night").json_data(&state).unwrap_or_default();
        Some((Ok(event), (!ended).then_some(night)))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

fn watched(shared: &Shared, caller: &Caller, window: &str) -> Result<watch::Receiver<NightState>, Problem> {
    caller.centre(Action::RunNight)?;
    let date: BusinessDate = parsed("window", window)?;
    shared.nights.of(date).ok_or_else(|| {
        Problem::not_found(format!("no night of {date} has run in this program; see /v1/windows"))
    })
}
