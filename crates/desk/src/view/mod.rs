//! What one participant, one collector, or the centre's staff may see of the centre.
//!
//! **Invariant:** a [`View`] hands out nothing outside its scope, whatever it is asked for; it holds the centre, and whoever
//! serves others holds only the view. `tests/program/portal/scope.rs` asks every endpoint for everybody else's.

mod collector;
mod discreet;
mod files;

use std::collections::BTreeSet;

use serde::Serialize;
use tongclear_engine::wanted::{Cursor, Page, Wanted, page};
use tongclear_engine::{
    Centre, EngineError, closed_windows, export::Export, export::require_cleared, run_totals,
};
use tongclear_ledger::{Participant, Position};
use tongclear_life::{Answer, Handle};
use tongclear_mac::Passphrase;
use tongclear_registry::Registry;
use tongclear_report::{
    ContinuityReport, DevicesReport, MerchantEntry, OperatorEntry, SettlementView, SponsorEntry,
};
use tongclear_store::operator_files::{OperatorFileRow, operator_files};
use tongclear_store::{DispositionTallies, Scope, WindowState, scope};
use tongclear_types::{BusinessDate, ContinuityItem, Device, Fen, MerchantCode, OperatorCode, Subject};

use self::discreet::keep_own;
use crate::{DeskError, cleared, operator_file};

pub use collector::{CollectorRegistry, DenyListFile, TerminalPart};

/// The centre as far as somebody may see it.
#[derive(Clone)]
pub struct View {
    centre: Centre,
    scope: Scope,
}

/// A window as everybody may know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WindowSeen {
    /// Its business date.
    pub window: BusinessDate,
    /// How far it has come.
    pub state: WindowState,
}

/// What a window comes to for whoever looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// The business date.
    pub window: BusinessDate,
    /// How far it has come.
    pub state: WindowState,
    /// What became of a merchant's records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispositions: Option<DispositionTallies>,
    /// By merchant and operator: what one owes the other; not for card operators, whom a merchant's fees do not concern.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchants: Option<Vec<MerchantEntry>>,
    /// For card operators: what their cards did at each merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cards: Option<Vec<CardsAt>>,
    /// What operators owe.
    pub operators: Vec<OperatorEntry>,
    /// What sponsors owe.
    pub sponsors: Vec<SponsorEntry>,
    /// What is paid or carried on, once the window is settled.
    pub positions: Vec<Position>,
}

/// What an operator's cards did at a merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardsAt {
    /// Where.
    pub merchant: MerchantCode,
    /// Accepted records, loads among them.
    pub count: u64,
    /// Purchases.
    pub purchase_fen: Fen,
    /// Loads.
    pub load_fen: Fen,
}

impl View {
    /// The centre as `scope` sees it.
    #[must_use]
    pub const fn new(centre: Centre, scope: Scope) -> Self {
        Self { centre, scope }
    }

    /// Whose view it is.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The windows past their close, in order.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn windows(&self) -> Result<Vec<WindowSeen>, DeskError> {
        let windows = self.centre.store.windows().await?;
        let seen = |window: tongclear_engine::ClosedWindow| WindowSeen {
            window: window.date(),
            state: window.state(),
        };
        Ok(closed_windows(&windows).map(seen).collect())
    }

    /// What a cleared window comes to.
    ///
    /// # Errors
    /// [`EngineError::NoSuchWindow`], [`EngineError::Refused`] when it is not cleared; faults of the store.
    pub async fn figures(&self, date: BusinessDate) -> Result<Figures, DeskError> {
        let window = self.centre.window(date).await?;
        let SettlementView { state, mut merchants, mut operators, mut sponsors, dispositions, .. } =
            cleared::settlement(&self.centre, date).await?;
        let sees = |participant| self.scope.sees_account(participant);
        let (merchants, cards) = match self.scope {
            Scope::Of(Participant::Operator(own)) => {
                let at = |it: MerchantEntry| CardsAt {
                    merchant: it.merchant,
                    count: it.count,
                    purchase_fen: it.gross_fen,
                    load_fen: it.load_fen,
                };
                (None, Some(merchants.into_iter().filter(|it| it.operator == own).map(at).collect()))
            }
            _ => {
                merchants.retain(|it| sees(Participant::Merchant(it.merchant)));
                (Some(merchants), None)
            }
        };
        operators.retain(|it| sees(Participant::Operator(it.operator)));
        sponsors.retain(|it| sees(Participant::Sponsor(it.sponsor)));
        let dispositions = match self.scope {
            Scope::Everything => Some(dispositions),
            Scope::Of(Participant::Merchant(own)) => {
                let totals = run_totals(&self.centre, &window).await?;
                Some(totals.merchants.get(&own).copied().unwrap_or_default())
            }
            Scope::Of(_) | Scope::Collector(_) => None,
        };
        let positions = scope::positions(&*self.centre.store, window.row.id, self.scope).await?;
        Ok(Figures { window: date, state, dispositions, merchants, cards, operators, sponsors, positions })
    }

    /// The next records from `cursor` on; the scope of `wanted` is this view's, whatever it was.
    ///
    /// # Errors
    /// [`EngineError::NoSuchWindow`], [`EngineError::Refused`] when it is not cleared; faults of the vault.
    pub async fn transactions(
        &self,
        date: BusinessDate,
        wanted: Wanted,
        cursor: Cursor,
        limit: usize,
    ) -> Result<Page, DeskError> {
        Ok(page(&self.centre, date, &Wanted { scope: self.scope, ..wanted }, cursor, limit).await?)
    }

    /// The same records, all of them, to be written to a file.
    ///
    /// # Errors
    /// As [`View::transactions`].
    pub async fn export(&self, date: BusinessDate, wanted: Wanted) -> Result<Export, DeskError> {
        Ok(Export::of(&self.centre, date, &Wanted { scope: self.scope, ..wanted }).await?)
    }

    /// What is missing, doubled or broken, as JSON.
    ///
    /// # Errors
    /// [`EngineError::NoSuchWindow`], [`EngineError::Refused`] when it is not cleared; faults of store and vault.
    pub async fn continuity(&self, date: BusinessDate) -> Result<serde_json::Value, DeskError> {
        let (mut known, registry) = cleared::continuity(&self.centre, date).await?;
        known.items.retain(|item| self.sees_item(item, &registry));
        Ok(ContinuityReport::new(date, &registry, &known.items).json())
    }

    /// What devices delivered and lost, as JSON.
    ///
    /// # Errors
    /// As [`View::continuity`].
    pub async fn devices(&self, date: BusinessDate) -> Result<serde_json::Value, DeskError> {
        let (mut known, registry) = cleared::continuity(&self.centre, date).await?;
        known.devices.retain(|quality| self.sees_device(quality.device, &registry));
        Ok(DevicesReport::new(date, &registry, &known.devices).json())
    }

    fn sees_item(&self, item: &ContinuityItem, registry: &Registry) -> bool {
        match item.subject {
            Subject::Device(device) => self.sees_device(device, registry),
            Subject::Card(card, _) => {
                let operator = registry.operator_by_issuer(&card.issuer).map(|(_, operator)| operator.code);
                match self.scope {
                    Scope::Everything => true,
                    Scope::Of(Participant::Operator(own)) => operator == Some(own),
                    Scope::Of(_) | Scope::Collector(_) => false,
                }
            }
        }
    }

    /// A device is seen by those it works for; by several when it changed hands.
    fn sees_device(&self, device: Device, registry: &Registry) -> bool {
        let merchants: BTreeSet<MerchantCode> = match device {
            Device::Collector(id) => registry.collector(&id).map(|it| it.merchant).into_iter().collect(),
            Device::Terminal(id) => {
                registry.terminal(&id).into_iter().flatten().map(|row| row.merchant).collect()
            }
        };
        match self.scope {
            Scope::Everything => true,
            Scope::Of(Participant::Merchant(own)) => merchants.len() == 1 && merchants.contains(&own),
            Scope::Of(_) => false,
            Scope::Collector(own) => device == Device::Collector(own),
        }
    }

    /// The lives of the records that `handle` names, as far as they are seen; others are as good as not there.
    ///
    /// # Errors
    /// As [`tongclear_engine::why`].
    pub async fn why(
        &self,
        handle: Handle,
        window: Option<BusinessDate>,
        passphrase: Option<&Passphrase>,
    ) -> Result<Answer, DeskError> {
        let mut answer = tongclear_engine::why(&self.centre, handle, window, passphrase).await?;
        let registry = self.centre.registry().await?.body;
        answer.lives.retain(|life| {
            let operator = registry.operator_by_issuer(&life.record.issuer_id).map(|(_, it)| it.code);
            self.scope.sees(life.place.merchant, operator, life.place.collector)
        });
        answer.lives.iter_mut().for_each(|life| keep_own(life, self.scope));
        Ok(answer)
    }

    /// The files of card operators that arrived.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn operator_files(&self) -> Result<Vec<OperatorFileRow>, DeskError> {
        let of = match self.scope {
            Scope::Everything => None,
            Scope::Of(participant) => Some(participant),
            Scope::Collector(_) => return Ok(Vec::new()),
        };
        Ok(operator_files(&*self.centre.store, of).await?)
    }

    /// Refuses to take the file of an operator whose books are not the viewer's own: before its bytes have come.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`].
    pub fn may_bring_files_of(&self, operator: OperatorCode) -> Result<(), DeskError> {
        match self.scope.sees_account(Participant::Operator(operator)) {
            true => Ok(()),
            false => Err(DeskError::Forbidden(format!("operator {operator} is not yours"))),
        }
    }

    /// Takes the file of an operator that lies at `path`; says what it holds, and whether it is new.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for another's; [`DeskError::Refused`] naming line, field and value of the first fault, after
    /// which nothing is kept; faults of disk, store and vault.
    pub async fn take_operator_file(
        &self,
        operator: OperatorCode,
        date: BusinessDate,
        path: &std::path::Path,
    ) -> Result<(OperatorFileRow, bool), DeskError> {
        self.may_bring_files_of(operator)?;
        operator_file::take(&self.centre, operator, date, path).await
    }

    /// A cleared window of that date.
    async fn cleared(&self, date: BusinessDate) -> Result<tongclear_engine::ClosedWindow, EngineError> {
        let window = self.centre.window(date).await?;
        require_cleared(&window)?;
        Ok(window)
    }
}
