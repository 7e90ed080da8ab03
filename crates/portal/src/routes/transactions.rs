//! Records with their dispositions: page by page, or all of them as CSV or Parquet while they are read.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tongclear_access::Action;
use tongclear_engine::Unwatched;
use tongclear_engine::export::Format;
use tongclear_engine::wanted::{Cursor, PAGE_MAX, Wanted};
use tongclear_package::DetailRow;
use tongclear_store::Scope;
use tongclear_types::{CardId, Disposition, Reason};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::extract::{Query, parsed, parsed_if};
use crate::files::attached;
use crate::of_window::{Of, OfWindow, WindowAsked};
use crate::problem::Problem;
use crate::shared::Shared;

/// Records on a page when nothing is said.
const PAGE: usize = 100;
/// Bytes that are sent at a time.
const PART_BYTES: usize = 64 << 10;
/// How long a reader may take none.
const READER_WAIT: Duration = Duration::from_secs(30);
/// How long an export waits for others to end before it is told to come again.
const SEAT_WAIT: Duration = Duration::from_secs(30);
/// Parts that may wait for a slow reader before the export waits with them.
const PARTS_WAITING: usize = 8;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(transactions)).routes(routes!(export))
}

/// Which records are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only `accepted`, `duplicate`, `suspended` or `rejected` ones.
    disposition: Option<String>,
    /// Only those suspended or rejected for this reason.
    reason: Option<String>,
    /// Only those of this terminal, 12 hex digits.
    terminal: Option<String>,
    /// Only those sent by this collector, 12 hex digits.
    collector: Option<String>,
    /// Only those of this card: issuer id and serial, 16 and 20 hex digits with a colon between.
    card: Option<String>,
}

impl Filter {
    fn wanted(&self) -> Result<Wanted, Problem> {
        let named = |field: &'static str, text: &str| {
            Problem::malformed(format!("{field} is {text:?}: not a name of `clearing.md`"))
                .naming(field, text)
        };
        let disposition = self.disposition.as_deref();
        let disposition = disposition
            .map(|text| Disposition::from_name(text).ok_or_else(|| named("disposition", text)))
            .transpose()?;
        let reason = self.reason.as_deref();
        let reason =
            reason.map(|text| Reason::from_name(text).ok_or_else(|| named("reason", text))).transpose()?;
        let card = match self.card.as_deref().map(|text| (text, text.split_once(':'))) {
            None => None,
            Some((_, Some((issuer, serial)))) => {
                Some(CardId { issuer: parsed("card", issuer)?, serial: parsed("card", serial)? })
            }
            Some((text, None)) => {
                return Err(Problem::malformed("card: expected ISSUER:SERIAL").naming("card", text));
            }
        };
        Ok(Wanted {
            // The view puts its own in its place.
            scope: Scope::Everything,
            disposition,
            reason,
            terminal: parsed_if("terminal", self.terminal.as_deref())?,
            collector: parsed_if("collector", self.collector.as_deref())?,
            card,
        })
    }
}

/// Where a page begins, and how long it is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Paging {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Records, at most 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// Some records, and where the next ones begin.
#[derive(Serialize, ToSchema)]
struct TransactionPage {
    /// The records: partition by partition, by card within one.
    transactions: Vec<Transaction>,
    /// To be given as `cursor` for the next page; none after the last.
    next: Option<String>,
}

/// A record with its disposition: the columns of `export` (`cli.md`).
#[derive(Serialize, ToSchema)]
struct Transaction {
    merchant: String,
    collector: String,
    package_sequence: u32,
    row: u32,
    issuer_id: String,
    serial: String,
    tti: String,
    offline_counter: u16,
    online_counter: u16,
    terminal: String,
    terminal_number: u32,
    amount_fen: u32,
    list_price_fen: u32,
    balance_before_fen: u32,
    balance_after_fen: u32,
    date: String,
    time: String,
    disposition: &'static str,
    reason: Option<&'static str>,
    flags: Vec<&'static str>,
    fee_fen: Option<i64>,
}

impl From<&DetailRow> for Transaction {
    fn from(row: &DetailRow) -> Self {
        Self {
            merchant: row.merchant.to_string(),
            collector: row.collector.to_string(),
            package_sequence: row.package_sequence.0,
            row: row.row,
            issuer_id: row.issuer.to_string(),
            serial: row.serial.to_string(),
            tti: row.tti.to_string(),
            offline_counter: row.offline_counter,
            online_counter: row.online_counter,
            terminal: row.terminal.to_string(),
            terminal_number: row.terminal_number.0,
            amount_fen: row.amount_fen,
            list_price_fen: row.list_price_fen,
            balance_before_fen: row.balance_before_fen,
            balance_after_fen: row.balance_after_fen,
            date: row.date.to_string(),
            time: row.time.to_string(),
            disposition: row.verdict.disposition().name(),
            reason: row.verdict.reason().map(Reason::name),
            flags: row.verdict.flags().iter().map(|flag| flag.name()).collect(),
            fee_fen: row.fee_fen.map(|fee| fee.get()),
        }
    }
}

/// Records of a cleared window with their dispositions, page by page.
#[utoipa::path(get, path = "/v1/windows/{window}/transactions", tag = "participant", security(("bearer" = [])),
    params(WindowAsked, Of, Filter, Paging),
    responses((status = 200, body = TransactionPage), Problems))]
async fn transactions(
    asked: OfWindow,
    Query(filter): Query<Filter>,
    Query(paging): Query<Paging>,
) -> Result<Json<TransactionPage>, Problem> {
    let (view, window) = asked.seen(Action::ReadTransactions)?;
    let cursor: Cursor = parsed_if("cursor", paging.cursor.as_deref())?.unwrap_or_default();
    let limit = paging.limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(
            Problem::malformed(format!("limit: expected 1 to {PAGE_MAX}")).naming("limit", limit.to_string())
        );
    }
    let page = view.transactions(window, filter.wanted()?, cursor, limit).await?;
    Ok(Json(TransactionPage {
        transactions: page.rows.iter().map(Transaction::from).collect(),
        next: page.next.map(|next| next.to_string()),
    }))
}

/// The formats of an export.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ExportFormat {
    /// Comma-separated values.
    Csv,
    /// Parquet.
    Parquet,
}

/// The format that is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Formatted {
    /// `csv`, which is the default, or `parquet`.
    #[param(inline)]
    format: Option<ExportFormat>,
}

/// All records of a cleared window that are wanted, in the order of `export`, as they are read.
#[utoipa::path(get, path = "/v1/windows/{window}/export", tag = "participant", security(("bearer" = [])),
    params(WindowAsked, Of, Filter, Formatted),
    responses((status = 200, content(
        (String = "text/csv; charset=utf-8"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems))]
async fn export(
    State(shared): State<Arc<Shared>>,
    asked: OfWindow,
    Query(filter): Query<Filter>,
    Query(formatted): Query<Formatted>,
) -> Result<Response, Problem> {
    let (view, window) = asked.seen(Action::ReadTransactions)?;
    let seat = timeout(SEAT_WAIT, Arc::clone(&shared.exports).acquire_owned()).await;
    let Ok(Ok(seat)) = seat else {
        return Err(Problem::unavailable("as many exports run as may at the same time"));
    };
    let found = view.export(window, filter.wanted()?).await?;
    let (format, media_type, ending) = match formatted.format.unwrap_or(ExportFormat::Csv) {
        ExportFormat::Csv => (Format::Csv, "text/csv; charset=utf-8", "csv"),
        ExportFormat::Parquet => (Format::Parquet, "application/vnd.apache.parquet", "parquet"),
    };
    let (parts, waiting) = mpsc::channel::<io::Result<Bytes>>(PARTS_WAITING);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _seat = seat;
        let mut out =
            BufWriter::with_capacity(PART_BYTES, Parts { parts: parts.clone(), runtime: runtime.clone() });
        if let Err(error) = found.write(format, &mut out, &Unwatched) {
            // A reader who went away is no fault of ours, and cannot be told.
            if !parts.is_closed() {
                tracing::error!(%error, %window, "an export broke off");
                let broken = Err(io::Error::other("the export broke off"));
                let _ = runtime.block_on(parts.send_timeout(broken, READER_WAIT));
            }
        }
    });
    let stream = futures::stream::unfold(waiting, |mut waiting| async move {
        waiting.recv().await.map(|part| (part, waiting))
    });
    let mut response = Body::from_stream(stream.boxed()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    attached(&mut response, &format!("transactions-{window}.{ending}"));
    Ok(response)
}

/// Hands what is written to whoever sends it; one who reads nothing for long does not keep others from their exports.
struct Parts {
    parts: mpsc::Sender<io::Result<Bytes>>,
    runtime: Handle,
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = Ok(Bytes::copy_from_slice(bytes));
        let sent = self.runtime.block_on(self.parts.send_timeout(part, READER_WAIT));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
