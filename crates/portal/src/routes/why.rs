//! The life of one transaction, and why it was paid or not: of the caller's own.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use tongclear_access::Action;
use tongclear_life::{Handle, Issuer};
use tongclear_types::{BusinessDate, Chain, IdError, OperatorCode, PackageSequence, TerminalNumber};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answers::Problems;
use crate::caller::Caller;
use crate::extract::{Query, parsed, parsed_if};
use crate::problem::Problem;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(why))
}

/// Exactly one of three handles: card and counter; terminal and number; package and row.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// ISSUER:SERIAL, with issuer id or operator code, or SERIAL of any registered operator.
    card: Option<String>,
    /// The card's counter.
    counter: Option<u16>,
    /// `purchase` or `load`; both when it is left out.
    chain: Option<String>,
    /// 12 hex digits.
    terminal: Option<String>,
    /// The terminal's transaction number.
    number: Option<u32>,
    /// COLLECTOR-SEQUENCE.
    package: Option<String>,
    /// Row in the package, from 0.
    row: Option<u32>,
    /// Only this window.
    #[param(format = Date)]
    window: Option<String>,
    /// As this participant sees it; by default as the caller does.
    participant: Option<String>,
}

impl Asked {
    fn handle(&self) -> Result<Handle, Problem> {
        match self {
            Self { card: Some(card), counter: Some(counter), terminal: None, package: None, .. } => {
                let (issuer, serial) = match card.split_once(':') {
                    None => (Issuer::Any, card.as_str()),
                    Some((issuer, serial)) => {
                        let by_code = issuer.parse::<OperatorCode>().map(Issuer::Operator);
                        let issuer = by_code.or_else(|_: IdError| issuer.parse().map(Issuer::Id));
                        let issuer = issuer.map_err(|error: IdError| {
                            Problem::malformed(error.to_string()).naming("card", card.as_str())
                        })?;
                        (issuer, serial)
                    }
                };
                let chain = match self.chain.as_deref() {
                    None => None,
                    Some("purchase") => Some(Chain::Purchase),
                    Some("load") => Some(Chain::Load),
                    Some(other) => {
                        let detail = "chain: expected purchase or load";
                        return Err(Problem::malformed(detail).naming("chain", other));
                    }
                };
                Ok(Handle::Card { issuer, serial: parsed("card", serial)?, counter: *counter, chain })
            }
            Self { terminal: Some(terminal), number: Some(number), card: None, package: None, .. } => {
                let terminal = parsed("terminal", terminal)?;
                Ok(Handle::Terminal { terminal, number: TerminalNumber(*number) })
            }
            Self { package: Some(package), row: Some(row), card: None, terminal: None, .. } => {
                let (collector, sequence) = package.split_once('-').ok_or_else(|| {
                    Problem::malformed("package: expected COLLECTOR-SEQUENCE")
                        .naming("package", package.as_str())
                })?;
                let (collector, sequence) = (parsed("package", collector)?, parsed("package", sequence)?);
                Ok(Handle::Package { collector, sequence: PackageSequence(sequence), row: *row })
            }
            _ => Err(Problem::malformed(
                "expected exactly one of: card and counter; terminal and number; package and row",
            )),
        }
    }
}

/// Every record that the handle names and the caller may see, with its life; none is as good as not there.
#[utoipa::path(get, path = "/v1/why", tag = "participant", security(("bearer" = [])), params(Asked),
    responses((status = 200, body = serde_json::Value), Problems))]
async fn why(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<tongclear_life::Answer>, Problem> {
    let view = caller.view(Action::ReadTransactions, asked.participant.as_deref())?;
    let window: Option<BusinessDate> = parsed_if("window", asked.window.as_deref())?;
    let answer = view.why(asked.handle()?, window, Some(shared.keys.passphrase())).await?;
    if answer.lives.is_empty() {
        return Err(Problem::not_found("no record of yours goes by that"));
    }
    Ok(Json(answer))
}
