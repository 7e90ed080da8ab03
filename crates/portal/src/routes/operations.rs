//! Health, readiness, metrics, and the description of everything.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Serialize;
use tongclear_access::Action;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::problem::{Details, Problem};
use crate::shared::Shared;

/// The head of the description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tongclear",
        description = "The clearing centre of a city card. Collectors show a client certificate of the centre's CA; people \
            and programs show a bearer secret. Amounts are in fen. Errors are RFC 9457 problem details."
    ),
    tags(
        (name = "collector", description = "Collection sites: packages up, results and lists down"),
        (name = "participant", description = "Merchants, card operators and staff: windows and what they come to"),
        (name = "centre", description = "The centre's staff"),
        (name = "access", description = "Sessions, accounts, tokens, certificates, webhooks"),
        (name = "operations", description = "Health and metrics"),
    )
)]
struct Head;

/// The head of the description, with how callers show who they are.
pub(crate) fn open_api() -> utoipa::openapi::OpenApi {
    let mut head = Head::openapi();
    let schemes = &mut head.components.get_or_insert_with(Default::default).security_schemes;
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("a session (POST /v1/sessions) or a token (`tongclear token issue`)"))
        .build();
    schemes.insert("bearer".to_owned(), SecurityScheme::Http(bearer).into());
    schemes.insert(
        "certificate".to_owned(),
        SecurityScheme::MutualTls {
            description: Some("a client certificate of the centre's CA (`tongclear ca issue`)".to_owned()),
            extensions: None,
            deprecated: None,
        }
        .into(),
    );
    head
}

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(ready)).routes(routes!(metrics))
}

/// How the program is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
    /// The program's version.
    version: &'static str,
}

/// Whether the program runs.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Whether database, registry and key ring answer, so that packages can be taken in.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, body = Health), (status = 503, body = Details, content_type = "application/problem+json")))]
async fn ready(State(shared): State<Arc<Shared>>) -> Result<Json<Health>, Problem> {
    match shared.keys.now(shared.unscoped()).await {
        Ok(_) => Ok(Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(Problem::unavailable("database, registry or key ring are not there; the log says which"))
        }
    }
}

/// Everything that is counted, as OpenMetrics text.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(("bearer" = [])),
    responses((status = 200, body = String, content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        Problems))]
async fn metrics(State(shared): State<Arc<Shared>>, caller: Caller) -> Result<impl IntoResponse, Problem> {
    caller.centre(Action::ReadOperations)?;
    let balances = shared.unscoped().store.balances().await?;
    let imbalance = balances
        .iter()
        .fold(0_i64, |sum, it| sum.wrapping_add(it.debits.get()).wrapping_sub(it.credits.get()));
    let text = shared.metrics.text(shared.unscoped().clock.now(), imbalance);
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text))
}
