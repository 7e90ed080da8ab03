//! Files of card operators.

use std::io::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::body::Body as RawBody;
use axum::http::StatusCode;
use serde::Serialize;
use tongclear_access::Action;
use tongclear_store::operator_files::OperatorFileRow;
use tongclear_types::{BusinessDate, OperatorCode};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::{Arriving, Path, parsed};
use crate::problem::Problem;
use crate::shared::Shared;

/// Bytes of a file, at most: a day of 100 million lines.
const FILE_MAX: usize = 16 << 30;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(files)).routes(routes!(upload))
}

/// A file of a card operator as it arrived.
#[derive(Serialize, ToSchema)]
struct OperatorFile {
    /// Whose books.
    operator: String,
    /// For which day.
    #[schema(format = Date)]
    business_date: String,
    /// SHA-256 of its bytes.
    sha256: String,
    /// Its length.
    bytes: u64,
    /// Its transactions.
    lines: u64,
    /// The amounts of those that were booked.
    amount_fen: i64,
    /// Who brought it.
    received_by: String,
    /// When, Unix milliseconds.
    received_at: i64,
}

impl From<OperatorFileRow> for OperatorFile {
    fn from(row: OperatorFileRow) -> Self {
        Self {
            operator: row.operator.to_string(),
            business_date: row.business_date.to_string(),
            sha256: row.sha256.to_string(),
            bytes: row.bytes,
            lines: row.lines,
            amount_fen: row.amount_fen.get(),
            received_by: row.received_by.to_string(),
            received_at: row.received_at.0,
        }
    }
}

/// The files that arrived: the caller's own.
#[utoipa::path(get, path = "/v1/operator-files", tag = "participant", security(("bearer" = [])),
    responses((status = 200, body = [OperatorFile]), Problems))]
async fn files(caller: Caller) -> Result<Json<Vec<OperatorFile>>, Problem> {
    let files = caller.view(Action::ReadTransactions, None)?.operator_files().await?;
    Ok(Json(files.into_iter().map(OperatorFile::from).collect()))
}

/// Hands in what a card operator's books say of a day (`reconciliation.md`, Operator file). The file is read whole and kept
/// only when every line can be; the same file again changes nothing.
#[utoipa::path(put, path = "/v1/operator-files/{operator}/{business_date}", tag = "participant",
    security(("bearer" = [])), params(("operator" = String, Path), ("business_date" = String, Path, format = Date)),
    request_body(content = String, content_type = "text/csv", description = "the file, byte for byte"),
    responses((status = 200, body = OperatorFile), (status = 201, body = OperatorFile), Problems))]
async fn upload(
    caller: Caller,
    Path((operator, business_date)): Path<(String, String)>,
    body: RawBody,
) -> Result<(StatusCode, Json<OperatorFile>), Problem> {
    let view = caller.view(Action::UploadOperatorFile, None)?;
    let operator: OperatorCode = parsed("operator", &operator)?;
    let business_date: BusinessDate = parsed("business_date", &business_date)?;
    view.may_bring_files_of(operator)
        .map_err(|error| Problem::from(error).naming("operator", operator.to_string()))?;
    let file = kept(body).await?;
    let (row, new) = view.take_operator_file(operator, business_date, file.path()).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(row.into())))
}

/// The body as a file that goes when it is dropped; nothing is held in memory.
async fn kept(body: RawBody) -> Result<tempfile::NamedTempFile, Problem> {
    let disk = |error: std::io::Error| {
        tracing::error!(%error, "a file for an upload");
        Problem::unavailable("the disk does not take the file")
    };
    let mut file = tempfile::NamedTempFile::new().map_err(disk)?;
    let mut arriving = Arriving::new(body, FILE_MAX);
    while let Some(piece) = arriving.next().await? {
        file.write_all(&piece).map_err(disk)?;
    }
    file.flush().map_err(disk)?;
    Ok(file)
}
