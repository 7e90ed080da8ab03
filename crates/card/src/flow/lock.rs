//! Locking a card that is on the deny list (锁卡), by the PSAM's MAC over the card's challenge.

use tongclear_types::CardId;

use crate::command::{BlockApplication, GetChallenge, LockFactors, LockMac};
use crate::flow::{Psam, PurchaseFault as Fault};
use crate::{Channel, Transport};

/// Who of the two did not do its part.
pub type LockFault = Fault;

/// Locks the purse that is selected in `card`.
///
/// # Errors
/// Card or PSAM refused; the card is then as it was, and still to be refused by the terminal.
pub fn lock_card<C: Transport, P: Transport>(
    card: &mut Channel<C>,
    psam: &mut Psam<P>,
    id: CardId,
) -> Result<(), LockFault> {
    psam.channel().ask(&LockFactors(id)).map_err(Fault::Psam)?;
    let challenge = card.ask(&GetChallenge).map_err(Fault::Card)?;
    let mac = psam.channel().ask(&LockMac { challenge }).map_err(Fault::Psam)?;
    card.ask(&BlockApplication { mac }).map_err(Fault::Card)
}
