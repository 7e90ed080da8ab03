//! Virtual cards in pcscd's virtual reader (Debian's `vsmartcard-vpcd`): a card that connects to one of its TCP ports lies in
//! that slot until the connection ends.

use std::io::{Error, Read as _, Result, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;
use tongclear_card::simulated::{SimulatedCard, SimulatedPsam};
use tongclear_card::{Transport, TransportError};

/// The ports of the two slots, in the order of the reader's names.
pub const VIRTUAL_PORTS: [u16; 2] = [35963, 35964];

/// Answer to reset: T=1, contactless, historical bytes empty.
const ATR: &[u8] = &[0x3B, 0x80, 0x80, 0x01, 0x01];

/// pcscd looks into this reader every 400 ms; a card that came back sooner would not be noticed to have left.
const NOTICED_AFTER: Duration = Duration::from_millis(500);

/// Controls of the virtual reader.
const OFF: u8 = 0x00;
const ON: u8 = 0x01;
const RESET: u8 = 0x02;
const GET_ATR: u8 = 0x04;

/// A card in software.
pub trait VirtualCard: Send + 'static {
    /// The field is on, or on again after a reset.
    fn power_on(&mut self);

    /// The field is off.
    fn power_off(&mut self);

    /// Does what `command` says.
    ///
    /// # Errors
    /// The card is torn out now; no answer comes.
    fn execute(&mut self, command: &[u8]) -> std::result::Result<Vec<u8>, TransportError>;
}

impl VirtualCard for SimulatedCard {
    fn power_on(&mut self) {
        Self::power_on(self);
    }

    fn power_off(&mut self) {
        Self::power_off(self);
    }

    fn execute(&mut self, command: &[u8]) -> std::result::Result<Vec<u8>, TransportError> {
        self.exchange(command)
    }
}

impl VirtualCard for SimulatedPsam {
    fn power_on(&mut self) {
        Self::power_on(self);
    }

    fn power_off(&mut self) {
        Self::power_off(self);
    }

    fn execute(&mut self, command: &[u8]) -> std::result::Result<Vec<u8>, TransportError> {
        self.exchange(command)
    }
}

/// A card that lies in a virtual slot.
pub struct Inserted<C> {
    stream: TcpStream,
    worker: JoinHandle<C>,
}

impl<C: VirtualCard> Inserted<C> {
    /// Puts `card` into the slot at `port`.
    ///
    /// # Errors
    /// pcscd does not listen there; the card comes back with the error.
    pub fn insert(mut card: C, port: u16) -> std::result::Result<Self, (C, Error)> {
        let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).and_then(|stream| {
            let own = stream.try_clone()?;
            stream.set_nodelay(true)?;
            Ok((stream, own))
        });
        let (stream, own) = match connected {
            Ok(streams) => streams,
            Err(error) => return Err((card, error)),
        };
        card.power_on();
        let worker = thread::spawn(move || {
            // However it ends, the card is out of the slot then.
            drop(serve(&mut card, &stream));
            drop(stream.shutdown(Shutdown::Both));
            drop(stream);
            card.power_off();
            thread::sleep(NOTICED_AFTER);
            card
        });
        Ok(Self { stream: own, worker })
    }

    /// Takes the card out.
    ///
    /// # Errors
    /// The card's own code panicked.
    pub fn remove(self) -> Result<C> {
        // It may have been torn out already.
        drop(self.stream.shutdown(Shutdown::Both));
        self.wait()
    }

    /// What takes the card out from another thread.
    ///
    /// # Errors
    /// The system has no handle to spare.
    pub fn remover(&self) -> Result<Remover> {
        self.stream.try_clone().map(|stream| Remover { stream })
    }

    /// Waits until the card is out: torn, or taken by a [`Remover`].
    ///
    /// # Errors
    /// The card's own code panicked.
    pub fn wait(self) -> Result<C> {
        self.worker.join().map_err(|_| Error::other("the virtual card panicked"))
    }

    /// Whether it still lies there.
    #[must_use]
    pub fn is_in(&self) -> bool {
        !self.worker.is_finished()
    }
}

/// Takes a card out from another thread.
pub struct Remover {
    stream: TcpStream,
}

impl Remover {
    /// Takes it out.
    pub fn remove(&self) {
        // It may have been torn out already.
        drop(self.stream.shutdown(Shutdown::Both));
    }
}

/// Does what the virtual reader says until the connection ends (`card.md`, *Virtual hardware for tests*): a message is
/// 2 bytes of length and data; one byte is a control.
fn serve(card: &mut impl VirtualCard, mut stream: &TcpStream) -> Result<()> {
    loop {
        let mut length = [0; 2];
        receive(stream, &mut length)?;
        let mut message = vec![0; u16::from_be_bytes(length).into()];
        receive(stream, &mut message)?;
        let answer = match message.as_slice() {
            // The reader switches the field off between two programs; the card stays where it is.
            [OFF | ON | RESET] => {
                card.power_on();
                continue;
            }
            [GET_ATR] => ATR.to_vec(),
            command => match card.execute(command) {
                Ok(answer) => answer,
                Err(_) => return Ok(()),
            },
        };
        let length = u16::try_from(answer.len()).map_err(Error::other)?;
        stream.write_all(&[&length.to_be_bytes(), answer.as_slice()].concat())?;
    }
}

/// Reads all of `bytes`. The virtual reader sends length and data apart and waits for us to say that the first has come,
/// which the system would put off by 40 ms.
fn receive(mut stream: &TcpStream, bytes: &mut [u8]) -> Result<()> {
    SockRef::from(stream).set_tcp_quickack(true)?;
    stream.read_exact(bytes)
}
