//! Four eyes: what one person proposes, another lets take effect.
//!
//! Which kinds of changes need two people is the centre's own setting; a kind that does not takes effect at once. What was
//! proposed is checked when it is proposed and again when it is approved, against the centre as it is then.

use serde::{Deserialize, Serialize};
use tongclear_access::{Action, ProposalKind, ProposalState};
use tongclear_engine::payout::{self, Created, Planned};
use tongclear_engine::{Centre, EngineError, admin};
use tongclear_mac::{KeyFile, KeyInfo, Passphrase, open_sealed, seal};
use tongclear_package::DenyList;
use tongclear_registry::{Changes, Registry};
use tongclear_store::decisions::DecisionRow;
use tongclear_store::four_eyes::{self, ProposalRow};
use tongclear_store::payouts::payments_digest;
use tongclear_store::{DenyListRow, Digest, KeyGeneration, RegistryVersion};
use tongclear_types::BusinessDate;
use zeroize::Zeroizing;

use crate::acting::in_the_way;
use crate::{Acting, DeskError, disputes};

/// A change that may need two people.
#[derive(Debug)]
pub enum Proposed {
    /// A new registry, whole.
    Registry {
        /// `registry.toml`.
        toml: String,
        /// `terminals.csv`.
        terminals: Vec<u8>,
    },
    /// More keys: `keys.toml`.
    Keys(Zeroizing<String>),
    /// A deny list that grows by more than the guard allows.
    DenyList(Vec<u8>),
    /// The payout of a value date, with the payments as they were when it was proposed.
    Payout {
        /// When the bank is to pay.
        value_date: BusinessDate,
        /// [`payments_digest`] of the payments; none before they have been worked out.
        payments: Option<Digest>,
    },
}

/// What a change did.
#[derive(Debug)]
pub enum Effect {
    /// The registry is this one.
    Registry {
        /// Its version.
        version: RegistryVersion,
        /// What changed.
        changes: Box<Changes>,
    },
    /// The key ring is this one.
    Keys {
        /// Its generation.
        generation: KeyGeneration,
        /// The keys that are new.
        added: Vec<KeyInfo>,
    },
    /// The list is in force.
    DenyList(DenyListRow),
    /// The payout is made, or was.
    Payout(Box<Created>),
    /// The run of the window that is open now carries the decision out.
    Decision(Box<DecisionRow>),
}

/// What became of a change that somebody asked for.
#[derive(Debug)]
pub enum Outcome {
    /// It took effect.
    Done(Effect),
    /// It waits for another person under this number.
    Waits(i64),
}

impl Proposed {
    /// What kind of change it is.
    #[must_use]
    pub const fn kind(&self) -> ProposalKind {
        match self {
            Self::Registry { .. } => ProposalKind::Registry,
            Self::Keys(_) => ProposalKind::Keys,
            Self::DenyList(_) => ProposalKind::DenyList,
            Self::Payout { .. } => ProposalKind::Payout,
        }
    }
}

/// The stored form of a registry proposal. `base` is the registry it was made from: one that replaced it meanwhile would be
/// undone without anybody saying so.
#[derive(Serialize, Deserialize)]
struct RegistryBody {
    base: Option<i64>,
    toml: String,
    terminals: String,
}

/// The stored form of a payout proposal: what is approved is these payments, and no others.
#[derive(Serialize, Deserialize)]
struct PayoutBody {
    value_date: BusinessDate,
    payments_sha256: Digest,
}

/// Makes a change, or proposes it when its kind needs two people.
///
/// # Errors
/// [`DeskError::Forbidden`] when the role does not cover it or, where two people are needed, has no name; what the engine
/// refuses about the change; faults of store and vault.
pub async fn submit(
    centre: &Centre,
    who: &Acting,
    change: Proposed,
    passphrase: Option<&Passphrase>,
) -> Result<Outcome, DeskError> {
    let kind = change.kind();
    let two = four_eyes::required(&*centre.store).await?.contains(&kind);
    let centre = who.at(centre);
    if !two {
        who.demand(Action::Propose)?;
        return apply(&centre, change, passphrase, None).await.map(Outcome::Done);
    }
    who.demand_named(Action::Propose)?;
    let change = settled(&centre, change).await?;
    let subject = examine(&centre, &change, None).await?;
    if subject.is_empty() {
        // The registry that is in force already, a payout that was made: there is nothing to decide.
        return apply(&centre, change, passphrase, None).await.map(Outcome::Done);
    }
    let base = centre.store.latest_registry().await?.map(|it| it.number.0);
    let (clear, body) = encode(&change, base, passphrase)?;
    let stamp = centre.stamp();
    let id = four_eyes::propose(&*centre.store, kind, &subject, body, Digest::of(&clear), &stamp).await?;
    Ok(Outcome::Waits(id))
}

/// Approves a proposal and lets it take effect; one that was approved before the program was cut off takes effect now.
///
/// # Errors
/// [`DeskError::NotFound`]; [`DeskError::Forbidden`] for its own proposer or a role that does not cover it;
/// [`DeskError::Refused`] when it is decided already or the centre has changed since; faults of store and vault.
pub async fn approve(
    centre: &Centre,
    who: &Acting,
    id: i64,
    note: Option<&str>,
    passphrase: Option<&Passphrase>,
) -> Result<Effect, DeskError> {
    who.demand_named(Action::Approve)?;
    let centre = who.at(centre);
    let proposal = proposal(&centre, id).await?;
    if proposal.state == ProposalState::Open {
        not_the_same(who, &proposal)?;
        if proposal.kind == ProposalKind::Decision {
            let taken = disputes::approve(&centre, &proposal, note).await?;
            return Ok(Effect::Decision(Box::new(taken)));
        }
        let change = decode(&centre, &proposal, passphrase).await?;
        examine(&centre, &change, Some(id)).await?;
        let state = ProposalState::Approved;
        four_eyes::decide(&*centre.store, id, state, note, &centre.stamp()).await.map_err(in_the_way)?;
        return carry_out(&centre, &proposal, change, passphrase).await;
    }
    if proposal.state != ProposalState::Approved {
        return Err(decided(&proposal));
    }
    let change = decode(&centre, &proposal, passphrase).await?;
    // Carried out already, when the program was cut off between the list and the note of it; registry and keys that are there
    // already change nothing anyway.
    if let Proposed::DenyList(bytes) = &change {
        let digest = Digest::of(bytes);
        let known = centre.store.deny_lists().await?.into_iter().find(|row| row.digest == digest);
        if let Some(row) = known {
            four_eyes::applied(&*centre.store, &proposal, &centre.stamp()).await?;
            return Ok(Effect::DenyList(row));
        }
    }
    carry_out(&centre, &proposal, change, passphrase).await
}

async fn carry_out(
    centre: &Centre,
    proposal: &ProposalRow,
    change: Proposed,
    passphrase: Option<&Passphrase>,
) -> Result<Effect, DeskError> {
    let effect = apply(centre, change, passphrase, Some(proposal.id)).await?;
    four_eyes::applied(&*centre.store, proposal, &centre.stamp()).await?;
    Ok(effect)
}

/// Refuses a proposal.
///
/// # Errors
/// As [`approve`].
pub async fn refuse(centre: &Centre, who: &Acting, id: i64, note: Option<&str>) -> Result<(), DeskError> {
    who.demand_named(Action::Approve)?;
    let found = proposal(centre, id).await?;
    not_the_same(who, &found)?;
    end(&who.at(centre), &found, ProposalState::Refused, note).await
}

/// Takes one's own proposal back, also one that was approved and cannot take effect any more.
///
/// # Errors
/// [`DeskError::NotFound`]; [`DeskError::Forbidden`] for somebody else's; [`DeskError::Refused`] when it is decided already.
pub async fn withdraw(centre: &Centre, who: &Acting, id: i64, note: Option<&str>) -> Result<(), DeskError> {
    who.demand_named(Action::Propose)?;
    let found = proposal(centre, id).await?;
    if found.proposed_by != *who.actor() {
        return Err(DeskError::Forbidden(format!("proposal {id} is {}'s to withdraw", found.proposed_by)));
    }
    end(&who.at(centre), &found, ProposalState::Withdrawn, note).await
}

async fn end(
    centre: &Centre,
    proposal: &ProposalRow,
    state: ProposalState,
    note: Option<&str>,
) -> Result<(), DeskError> {
    if proposal.state.step_to(state).is_err() {
        return Err(decided(proposal));
    }
    four_eyes::decide(&*centre.store, proposal.id, state, note, &centre.stamp()).await.map_err(in_the_way)?;
    Ok(())
}

fn decided(proposal: &ProposalRow) -> DeskError {
    DeskError::Refused(format!("proposal {} is {} already", proposal.id, proposal.state))
}

fn not_the_same(who: &Acting, proposal: &ProposalRow) -> Result<(), DeskError> {
    let (proposer, other) = (proposal.proposed_by.to_string(), who.actor().to_string());
    tongclear_access::may_approve(&proposer, &other).map_err(|error| DeskError::Forbidden(error.to_string()))
}

/// The proposal of that number.
///
/// # Errors
/// [`DeskError::NotFound`]; faults of the store.
pub async fn proposal(centre: &Centre, id: i64) -> Result<ProposalRow, DeskError> {
    let found = four_eyes::proposal(&*centre.store, id).await?;
    found.ok_or_else(|| {
        DeskError::NotFound(format!("there is no proposal {id}; see `tongclear proposal list`"))
    })
}

/// The change with what it is worked out from: the payments of a payout.
async fn settled(centre: &Centre, change: Proposed) -> Result<Proposed, DeskError> {
    let Proposed::Payout { value_date, payments: None } = change else { return Ok(change) };
    let payments = match payout::plan(centre, value_date, None).await? {
        Planned::New(plan) => Some(payments_digest(&plan.payments)),
        Planned::Made(_) => None,
    };
    Ok(Proposed::Payout { value_date, payments })
}

/// Checks a change without making it, and says in words what it is; `except` is the proposal that it is.
async fn examine(centre: &Centre, change: &Proposed, except: Option<i64>) -> Result<String, DeskError> {
    match change {
        Proposed::Registry { toml, terminals } => {
            let new = Registry::parse(toml, terminals).map_err(EngineError::Registry)?;
            let old = match centre.store.latest_registry().await? {
                None => None,
                Some(_) => Some(centre.registry().await?.body),
            };
            Ok(new.changes_from(old.as_ref()).to_string())
        }
        Proposed::Keys(toml) => {
            KeyFile::parse(toml).map_err(EngineError::from)?;
            Ok("keys to be added to the key ring".to_owned())
        }
        Proposed::DenyList(bytes) => {
            let list = DenyList::parse(bytes).map_err(EngineError::from)?;
            let (operator, version, cards) = (list.operator, list.version, list.serials.len());
            Ok(format!(
                "deny list of {operator}, version {version}, {cards} cards, although it grows beyond the guard"
            ))
        }
        Proposed::Payout { value_date, payments } => {
            let Planned::New(plan) = payout::plan(centre, *value_date, except).await? else {
                return Ok(String::new());
            };
            if let Some(refusal) = plan.refusal() {
                return Err(DeskError::Engine(EngineError::CheckFailed(refusal)));
            }
            if plan.payments.is_empty() {
                return Ok(String::new());
            }
            if payments.is_some_and(|approved| approved != payments_digest(&plan.payments)) {
                return Err(DeskError::Refused(format!(
                    "what is due on {value_date} has changed since the payout was proposed; refuse the proposal, and let it \
                     be proposed again"
                )));
            }
            let (count, amount) = (plan.payments.len(), tongclear_report::yuan(plan.amount()?));
            let mut lines = vec![format!("payout of {value_date}: {count} payments, {amount} yuan")];
            lines.extend(plan.payments.iter().map(|it| format!("{} {} fen", it.reference, it.amount)));
            Ok(lines.join("\n"))
        }
    }
}

async fn apply(
    centre: &Centre,
    change: Proposed,
    passphrase: Option<&Passphrase>,
    proposal: Option<i64>,
) -> Result<Effect, DeskError> {
    match change {
        Proposed::Registry { toml, terminals } => {
            let loaded = admin::load_registry(centre, &toml, &terminals).await?;
            Ok(Effect::Registry { version: loaded.version, changes: Box::new(loaded.changes) })
        }
        Proposed::Keys(toml) => {
            let loaded = admin::load_keys(centre, &toml, needed(passphrase)?).await?;
            Ok(Effect::Keys { generation: loaded.generation, added: loaded.added })
        }
        Proposed::DenyList(bytes) => Ok(Effect::DenyList(admin::load_deny_list(centre, &bytes, true).await?)),
        Proposed::Payout { value_date, payments } => {
            let created = payout::create(centre, value_date, proposal, payments.as_ref()).await?;
            Ok(Effect::Payout(Box::new(created)))
        }
    }
}

/// The change in the clear, and as it is stored.
fn encode(
    change: &Proposed,
    base: Option<i64>,
    passphrase: Option<&Passphrase>,
) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), DeskError> {
    match change {
        Proposed::Registry { toml, terminals } => {
            let terminals = String::from_utf8(terminals.clone())
                .map_err(|error| DeskError::Refused(format!("terminals.csv: {error}")))?;
            let body = RegistryBody { base, toml: toml.clone(), terminals };
            let body = serde_json::to_vec(&body).map_err(|error| DeskError::Refused(error.to_string()))?;
            Ok((Zeroizing::new(body.clone()), body))
        }
        Proposed::Keys(toml) => {
            let sealed = seal(toml.as_bytes(), needed(passphrase)?).map_err(EngineError::from)?;
            Ok((Zeroizing::new(toml.as_bytes().to_vec()), sealed))
        }
        Proposed::DenyList(bytes) => Ok((Zeroizing::new(bytes.clone()), bytes.clone())),
        Proposed::Payout { value_date, payments } => {
            let payments =
                payments.ok_or_else(|| DeskError::Refused("there is nothing to propose".into()))?;
            let body = PayoutBody { value_date: *value_date, payments_sha256: payments };
            let body = serde_json::to_vec(&body).map_err(|error| DeskError::Refused(error.to_string()))?;
            Ok((Zeroizing::new(body.clone()), body))
        }
    }
}

/// The change that a proposal holds; a registry that was made from another one than that in force is refused.
async fn decode(
    centre: &Centre,
    proposal: &ProposalRow,
    passphrase: Option<&Passphrase>,
) -> Result<Proposed, DeskError> {
    let damaged =
        |what: &str| DeskError::Engine(EngineError::Internal(format!("proposal {}: {what}", proposal.id)));
    let same = |clear: &[u8]| match Digest::of(clear) == proposal.body_sha256 {
        true => Ok(()),
        false => Err(damaged("what it holds is not what was proposed")),
    };
    match proposal.kind {
        ProposalKind::Registry => {
            same(&proposal.body)?;
            let RegistryBody { base, toml, terminals } =
                serde_json::from_slice(&proposal.body).map_err(|error| damaged(&error.to_string()))?;
            let latest = centre.store.latest_registry().await?.map(|it| it.number.0);
            if proposal.state == ProposalState::Open && latest != base {
                return Err(DeskError::Refused(format!(
                    "proposal {}: the registry has changed since it was proposed; refuse it, and let it be proposed again",
                    proposal.id
                )));
            }
            Ok(Proposed::Registry { toml, terminals: terminals.into_bytes() })
        }
        ProposalKind::Keys => {
            let clear = open_sealed(&proposal.body, needed(passphrase)?).map_err(EngineError::from)?;
            same(&clear)?;
            let text = std::str::from_utf8(&clear).map_err(|_| damaged("the keys are not text"))?;
            Ok(Proposed::Keys(Zeroizing::new(text.to_owned())))
        }
        ProposalKind::DenyList => {
            same(&proposal.body)?;
            Ok(Proposed::DenyList(proposal.body.clone()))
        }
        ProposalKind::Payout => {
            same(&proposal.body)?;
            let PayoutBody { value_date, payments_sha256 } =
                serde_json::from_slice(&proposal.body).map_err(|error| damaged(&error.to_string()))?;
            Ok(Proposed::Payout { value_date, payments: Some(payments_sha256) })
        }
        ProposalKind::Decision => {
            Err(DeskError::Refused(format!("this version makes no {} by proposal", proposal.kind)))
        }
    }
}

fn needed(passphrase: Option<&Passphrase>) -> Result<&Passphrase, DeskError> {
    passphrase.ok_or_else(|| DeskError::Refused("keys need the key ring's passphrase".to_owned()))
}
