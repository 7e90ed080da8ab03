//! Looking at a card: who it is, and the pre-checks in the order of `card.md`.

use jiff::civil::Date;
use tongclear_card::command::{GetBalance, ReadBinary, Sfi};
use tongclear_card::file::{CardCategory, MANAGEMENT_READ_LEN, Management, PUBLIC_LEN, PublicInfo};
use tongclear_card::flow::{Scheme, identify};
use tongclear_card::{CardError, Channel, Transport};
use tongclear_types::CardId;

use crate::lists::{Lists, Operator};
use crate::{Outcome, Verdict};

/// A card that said who it is.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) scheme: Scheme,
    pub(crate) is_blocked: bool,
    pub(crate) public: PublicInfo,
    pub(crate) management: Option<Management>,
}

impl Seen {
    pub(crate) const fn card(&self) -> CardId {
        self.public.card()
    }

    /// Whose card it is, for the fares.
    pub(crate) fn category(&self) -> Option<CardCategory> {
        self.management.and_then(|it| CardCategory::from_byte(it.category))
    }
}

/// The verdict on a card that failed before anything was asked of it.
pub(crate) fn failed(error: &CardError) -> Outcome {
    let verdict = match error {
        CardError::Transport { .. } => Verdict::CardGone,
        CardError::Status { status, .. } if status.is_block() => Verdict::Blocked,
        CardError::Status { .. } => Verdict::CardRefused,
        CardError::Answer { .. } => Verdict::Unreadable,
    };
    Outcome::new(verdict).because(error)
}

/// Selects the purse and reads who the card is.
pub(crate) fn look<C: Transport>(card: &mut Channel<C>) -> Result<Seen, Outcome> {
    let identified = identify(card).map_err(|error| failed(&error))?;
    let file_15 = match identified.public_file() {
        Some(data) => data.to_vec(),
        None => {
            let request = ReadBinary { sfi: Sfi::PUBLIC, offset: 0, length: PUBLIC_LEN };
            card.ask(&request).map_err(|error| match error {
                // Whatever this is, it is no purse.
                CardError::Status { .. } if !identified.is_blocked => {
                    Outcome::new(Verdict::Unreadable).because(error)
                }
                CardError::Status { .. } => Outcome::new(Verdict::Blocked).because(error),
                error => failed(&error),
            })?
        }
    };
    let public = PublicInfo::parse(&file_15)
        .map_err(|error| Outcome::new(Verdict::Unreadable).because(format_args!("file 15: {error}")))?;
    let management = match identified.scheme {
        Scheme::TUnion => {
            let request = ReadBinary { sfi: Sfi::MANAGEMENT, offset: 0, length: MANAGEMENT_READ_LEN };
            match card.ask(&request) {
                Ok(data) => Management::parse(&data).ok(),
                Err(error @ CardError::Transport { .. }) => return Err(failed(&error)),
                // A card without the file has no category and is taken as not interoperable.
                Err(_) => None,
            }
        }
        Scheme::CityUnion | Scheme::Pboc => None,
    };
    Ok(Seen { scheme: identified.scheme, is_blocked: identified.is_blocked, public, management })
}

/// What the pre-checks need to know of the terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) home_city: [u8; 2],
    pub(crate) today: Date,
    pub(crate) takes_test_cards: bool,
}

/// The pre-checks, in order: deny list, issuer, home city or interoperable, application type, version, validity dates.
pub(crate) fn check(seen: &Seen, lists: &Lists, rules: Rules) -> Result<Operator, Verdict> {
    let public = &seen.public;
    if seen.is_blocked {
        return Err(Verdict::Blocked);
    }
    if lists.is_denied(&seen.card()) {
        return Err(Verdict::DenyListed);
    }
    let operator = *lists.operator(public.issuer).ok_or(Verdict::UnknownIssuer)?;
    let [_, _, city @ ..] = public.issuer.0;
    let is_home = city.starts_with(&rules.home_city);
    if !is_home && !seen.management.is_some_and(|it| it.is_interoperable()) {
        return Err(Verdict::NotInteroperable);
    }
    if !public.application_type.has_purse() {
        return Err(Verdict::NoPurse);
    }
    if public.version == 0 {
        return Err(Verdict::NotInUse);
    }
    match (public.start.to_civil(), public.expiry.to_civil()) {
        (Some(start), _) if rules.today < start => return Err(Verdict::NotYetValid),
        (Some(_), Some(expiry)) if rules.today <= expiry => {}
        (None, _) | (_, None) => return Err(Verdict::Unreadable),
        (Some(_), Some(_)) => return Err(Verdict::Expired),
    }
    if seen.category() == Some(CardCategory::Test) && !rules.takes_test_cards {
        return Err(Verdict::TestCard);
    }
    Ok(operator)
}

/// Fen on the purse, if the card says it.
pub(crate) fn balance<C: Transport>(card: &mut Channel<C>) -> Option<u32> {
    card.ask(&GetBalance).ok()
}
