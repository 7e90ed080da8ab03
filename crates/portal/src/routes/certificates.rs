//! Certificates of collectors.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use tongclear_access::Action;
use tongclear_desk::authority;
use tongclear_store::people as rows;
use tongclear_types::CollectorId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::{Body, Path};
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(ca)).routes(routes!(list, issue)).routes(routes!(revoke))
}

/// The certificate of the centre's CA, PEM: for whoever wants to know that this is the centre.
#[utoipa::path(get, path = "/v1/ca.pem", tag = "access",
    responses((status = 200, body = String, content_type = "application/x-pem-file"), Problems))]
async fn ca(State(shared): State<Arc<Shared>>) -> Result<impl IntoResponse, Problem> {
    let certificate = authority::certificate(shared.unscoped()).await?;
    Ok(([(CONTENT_TYPE, "application/x-pem-file")], certificate))
}

/// A certificate that was issued.
#[derive(Serialize, ToSchema)]
struct Certificate {
    /// Its serial number, hex.
    serial: String,
    /// The collector that it names.
    collector: String,
    /// When it was issued, Unix milliseconds.
    issued_at: i64,
    /// From when on it opens nothing, Unix milliseconds.
    expires_at: i64,
    /// When it was revoked, Unix milliseconds.
    revoked_at: Option<i64>,
}

/// All certificates, by collector.
#[utoipa::path(get, path = "/v1/certificates", tag = "access", security(("bearer" = [])),
    responses((status = 200, body = [Certificate]), Problems))]
async fn list(caller: Caller) -> Result<Json<Vec<Certificate>>, Problem> {
    let centre = caller.centre(Action::ManageCertificates)?;
    let certificate = |row: rows::CertificateRow| Certificate {
        serial: row.serial,
        collector: row.collector.to_string(),
        issued_at: row.issued_at.0,
        expires_at: row.expires_at.0,
        revoked_at: row.revoked_at.map(|it| it.0),
    };
    Ok(Json(rows::certificates(&*centre.store).await?.into_iter().map(certificate).collect()))
}

/// A certificate to be issued.
#[derive(Deserialize, ToSchema)]
struct Issue {
    /// The collector that it names, 12 hex digits.
    collector: String,
    /// How long it is good for; a year by default.
    #[schema(minimum = 1, maximum = 1096)]
    days: Option<u32>,
}

/// A certificate and its private key, which is shown this once and kept nowhere.
#[derive(Serialize, ToSchema)]
struct Issued {
    /// Its serial number, hex.
    serial: String,
    /// PEM.
    certificate_pem: String,
    /// PKCS#8 PEM.
    key_pem: String,
    /// From when on it opens nothing, Unix milliseconds.
    expires_at: i64,
}

/// Issues a certificate to a collector of the registry.
#[utoipa::path(post, path = "/v1/certificates", tag = "access", security(("bearer" = [])), request_body = Issue,
    responses((status = 201, body = Issued), Problems))]
async fn issue(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Body(new): Body<Issue>,
) -> Result<(StatusCode, Json<Issued>), Problem> {
    let centre = caller.centre(Action::ManageCertificates)?;
    let collector: CollectorId = new.collector.parse().map_err(|error| {
        Problem::refused(format!("collector: {error}")).naming("collector", new.collector.as_str())
    })?;
    let opened = authority::open(centre, shared.keys.passphrase()).await?;
    let days = new.days.unwrap_or(authority::CERTIFICATE_DAYS);
    let issued = authority::issue(centre, &opened, &[collector], days).await?;
    let key = issued.into_iter().next().ok_or_else(Problem::internal)?;
    let issued = Issued {
        serial: key.serial,
        certificate_pem: key.certificate_pem,
        key_pem: key.key_pem.to_string(),
        expires_at: key.expires_at.0,
    };
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Revokes a certificate: from now on it opens nothing.
#[utoipa::path(delete, path = "/v1/certificates/{serial}", tag = "access", security(("bearer" = [])),
    params(("serial" = String, Path)), responses((status = 204), Problems))]
async fn revoke(caller: Caller, Path(serial): Path<String>) -> Result<StatusCode, Problem> {
    let centre = caller.centre(Action::ManageCertificates)?;
    authority::revoke(centre, &serial).await?;
    Ok(StatusCode::NO_CONTENT)
}
