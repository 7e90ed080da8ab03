//! Cards and PSAMs in readers, by name.

use std::time::Duration;

use tongclear_card::flow::Psam;
use tongclear_card::{Transport, TransportError};
use tongclear_reader::{Change, PcscTransport, ReaderError, Readers, SlotState};

/// How long a single command waits for a card.
const CARD_WAIT: Duration = Duration::from_secs(60);

/// The card in the reader whose name contains `wanted`, or in the first that has one.
pub(crate) fn card(wanted: Option<&str>) -> anyhow::Result<Box<dyn Transport>> {
    let readers = Readers::connect()?;
    let reader = match wanted {
        Some(wanted) => readers.find(wanted)?,
        None => readers.first_with_card()?,
    };
    Ok(Box::new(readers.open(&reader.name)?))
}

/// Waits until a card lies in the reader whose name contains `wanted`.
pub(crate) fn wait_for_card(wanted: &str) -> anyhow::Result<PcscTransport> {
    let readers = Readers::connect()?;
    let reader = readers.find(wanted)?;
    if reader.state == SlotState::Card {
        return Ok(readers.open(&reader.name)?);
    }
    let mut watch = readers.watch();
    while let Some(event) = watch.next(CARD_WAIT)? {
        if event.reader == reader.name && matches!(event.change, Change::CardIn { .. }) {
            return Ok(readers.open(&reader.name)?);
        }
    }
    Err(ReaderError::NoCard(reader.name).into())
}

/// The PSAM in the reader whose name contains `wanted`; none when the slot is empty or what lies there is no PSAM, which the
/// terminal's rules decide about.
pub(crate) fn psam(wanted: &str) -> anyhow::Result<Option<Psam<PcscTransport>>> {
    let readers = Readers::connect()?;
    let reader = readers.find(wanted)?;
    let transport = match readers.open(&reader.name) {
        Ok(transport) => transport,
        Err(ReaderError::NoCard(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match Psam::open(transport) {
        Ok(psam) => Ok(Some(psam)),
        Err(error) => {
            tracing::warn!(%error, reader = reader.name, "what is in the PSAM's slot is none");
            Ok(None)
        }
    }
}

/// Holds the card for one conversation; a card that was reset since it was opened is taken up again first.
pub(crate) fn conversation<A>(
    card: &mut PcscTransport,
    mut work: impl FnMut(&mut dyn Transport) -> A,
) -> Result<A, TransportError> {
    match card.exclusively(|card| work(card)) {
        Err(TransportError::CardReset) => {
            card.reconnect()?;
            card.exclusively(|card| work(card))
        }
        done => done,
    }
}
