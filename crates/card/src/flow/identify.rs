//! Which purse a card has: T-Union, City Union, or a plain PBOC purse by file id.

use crate::command::{Aid, Fci, SelectApplication, SelectFile};
use crate::file::PUBLIC_LEN;
use crate::{CardError, Channel, StatusWord, Transport};

tongclear_types::named! {
    /// The scheme (卡制式) that a card belongs to.
    Scheme {
        TUnion = "TUnion", "交通联合", "T-Union.";
        CityUnion = "CityUnion", "城市一卡通", "City Union.";
        Pboc = "PBOC", "金融电子钱包", "A plain PBOC purse.";
    }
}

/// A card whose purse is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The scheme.
    pub scheme: Scheme,
    /// What the card said when it was selected; nothing when no purse could be selected and the card is taken as it lies.
    pub fci: Option<Fci>,
    /// Whether an application was found and is blocked.
    pub is_blocked: bool,
}

impl Identified {
    /// File 15 as it came inside the FCI.
    #[must_use]
    pub fn public_file(&self) -> Option<&[u8]> {
        let data = self.fci.as_ref()?.issuer_data()?;
        (data.len() >= PUBLIC_LEN.into()).then_some(data)
    }
}

/// Selects the purse: T-Union, else City Union, else by file id, else whatever the card selected by itself.
///
/// # Errors
/// Only when nothing comes back at all: a card that refuses to select may still be read.
pub fn identify<T: Transport>(card: &mut Channel<T>) -> Result<Identified, CardError> {
    let mut is_blocked = false;
    for (scheme, aid) in [(Scheme::TUnion, Aid::T_UNION), (Scheme::CityUnion, Aid::CITY_UNION)] {
        match card.ask(&SelectApplication(aid)) {
            Ok(fci) => return Ok(Identified { scheme, fci: Some(fci), is_blocked }),
            Err(error @ CardError::Transport { .. }) => return Err(error),
            Err(error) => is_blocked |= error.status().is_some_and(StatusWord::is_block),
        }
    }
    for file in [SelectFile::PURSE_1001, SelectFile::PURSE_3F01] {
        match card.ask(&file) {
            Ok(fci) => return Ok(Identified { scheme: Scheme::Pboc, fci: Some(fci), is_blocked }),
            Err(error @ CardError::Transport { .. }) => return Err(error),
            Err(error) => is_blocked |= error.status().is_some_and(StatusWord::is_block),
        }
    }
    Ok(Identified { scheme: Scheme::Pboc, fci: None, is_blocked })
}
