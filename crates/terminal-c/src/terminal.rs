//! The functions on a terminal.

use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tongclear_card::Channel;
use tongclear_card::flow::Psam;
use tongclear_package::{BillingPeriod, CustomerAccount, SectorData, Utility};
use tongclear_terminal::exchange::ApplyError;
use tongclear_terminal::{Asked, Terminal, TerminalError};
use tongclear_types::SystemClock;

use crate::text::{fixed, path};
use crate::{TcCounts, TcOutcome, TcResult, TcTransport};

/// A terminal; opened by `tc_terminal_open`, closed by `tc_terminal_close`.
pub struct TcTerminal {
    terminal: Terminal,
    error: [c_char; 512],
}

/// What is asked of a card.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcAskedKind {
    /// A bus ride at the flat fare.
    Ride = 0,
    /// Through a metro gate, in.
    Enter = 1,
    /// Through a metro gate, out.
    Exit = 2,
    /// A shop's sum, under the till of terminal.toml.
    Sale = 3,
    /// A bill for water, power or gas.
    Bill = 4,
}

/// What is asked of a card, with what belongs to it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct TcAsked {
    /// Which of them.
    pub kind: TcAskedKind,
    /// Fen, of a sale or a bill.
    pub amount_fen: u32,
    /// Customer account of a bill, 10 bytes BCD.
    pub account: [u8; 10],
    /// Meter reading of a bill.
    pub meter_reading: u32,
    /// Billing period of a bill, BCD YYYYMM.
    pub period: [u8; 3],
}

impl TcAsked {
    fn asked(&self, terminal: &Terminal) -> Result<Asked, TerminalError> {
        let refused = |error: &dyn std::fmt::Display| TerminalError::Refused(error.to_string());
        Ok(match self.kind {
            TcAskedKind::Ride => Asked::Ride,
            TcAskedKind::Enter => Asked::Enter,
            TcAskedKind::Exit => Asked::Exit,
            TcAskedKind::Sale => {
                Asked::Pay { amount_fen: self.amount_fen, data: terminal.config().place.till()? }
            }
            TcAskedKind::Bill => {
                let account = CustomerAccount::from_bytes(self.account).map_err(|error| refused(&error))?;
                let billing_period =
                    BillingPeriod::from_bytes(self.period).map_err(|error| refused(&error))?;
                let utility = Utility { account, meter_reading: self.meter_reading, billing_period };
                Asked::Pay { amount_fen: self.amount_fen, data: SectorData::Utility(utility) }
            }
        })
    }
}

/// What a fault of the library is for the caller.
fn result_of(error: &TerminalError) -> TcResult {
    match error {
        TerminalError::Journal { .. } | TerminalError::Corrupt { .. } => TcResult::Disk,
        TerminalError::Io { .. }
        | TerminalError::Config { .. }
        | TerminalError::Busy { .. }
        | TerminalError::Refused(_)
        | TerminalError::Centre(_) => TcResult::Refused,
    }
}

/// Does `work` with the terminal; its error is kept for `tc_terminal_error`.
fn with(
    terminal: *mut TcTerminal,
    work: impl FnOnce(&mut Terminal) -> Result<(), TerminalError>,
) -> TcResult {
    #[expect(unsafe_code, reason = "the handle is the caller's to keep")]
    // SAFETY: null, or a handle of `tc_terminal_open` that was not closed, used by one thread at a time.
    let Some(terminal) = (unsafe { terminal.as_mut() }) else { return TcResult::BadArgument };
    match catch_unwind(AssertUnwindSafe(|| work(&mut terminal.terminal))) {
        Ok(Ok(())) => TcResult::Ok,
        Ok(Err(error)) => {
            terminal.error = fixed(&error.to_string());
            result_of(&error)
        }
        Err(_) => {
            terminal.error = fixed("a fault of the library");
            TcResult::Fault
        }
    }
}

/// Writes `value` where the caller wants it; nowhere when that is null.
fn put<A>(place: *mut A, value: A) {
    if !place.is_null() {
        #[expect(unsafe_code, reason = "results go where the caller says")]
        // SAFETY: not null, and by the header's contract a valid place for one value.
        unsafe {
            place.write(value);
        }
    }
}

/// Opens the terminal in `folder` (made by `tongclear terminal init`) and locks it. Null when that fails; `error`, where it
/// is not null, receives why: at most `error_len` bytes, zero-terminated.
///
/// # Safety
/// `folder` is null or a zero-terminated string; `error` is null or has room for `error_len` bytes.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_open(
    folder: *const c_char,
    error: *mut c_char,
    error_len: usize,
) -> *mut TcTerminal {
    let opened = match path(folder) {
        None => Err("folder is null or not UTF-8".to_owned()),
        Some(folder) => catch_unwind(|| Terminal::open(&folder, Arc::new(SystemClock)))
            .map_err(|_| "a fault of the library".to_owned())
            .and_then(|opened| opened.map_err(|error| error.to_string())),
    };
    match opened {
        Ok(terminal) => Box::into_raw(Box::new(TcTerminal { terminal, error: [0; 512] })),
        Err(message) => {
            let message: [c_char; 512] = fixed(&message);
            let length = error_len.min(message.len());
            if !error.is_null() && length > 0 {
                // SAFETY: `error` has room for `error_len` bytes, of which at most that many are written.
                unsafe {
                    error.copy_from_nonoverlapping(message.as_ptr(), length);
                    error.add(length - 1).write(0);
                }
            }
            std::ptr::null_mut()
        }
    }
}

/// Closes the terminal; null is nothing.
///
/// # Safety
/// `terminal` is null or an open handle, which is not used again.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_close(terminal: *mut TcTerminal) {
    if !terminal.is_null() {
        // SAFETY: made by `Box::into_raw` in `tc_terminal_open`, and given back once.
        drop(unsafe { Box::from_raw(terminal) });
    }
}

/// Why the last call on this terminal failed, UTF-8; valid until the next call.
///
/// # Safety
/// `terminal` is null or an open handle.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_error(terminal: *const TcTerminal) -> *const c_char {
    // SAFETY: as the header says.
    unsafe { terminal.as_ref() }.map_or(std::ptr::null(), |terminal| terminal.error.as_ptr())
}

/// Deals with a card that was presented: recovers what it left open, checks it, takes the money, journals. `psam` is null when
/// the terminal has none. `outcome` is written when the call ends with `TC_RESULT_OK`.
///
/// # Safety
/// `terminal` is an open handle; `card`, `psam` and `asked` are null or valid; `outcome` is null or a place for one outcome.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_present(
    terminal: *mut TcTerminal,
    card: *const TcTransport,
    psam: *const TcTransport,
    asked: *const TcAsked,
    outcome: *mut TcOutcome,
) -> TcResult {
    // SAFETY: as the header says.
    let (card, psam, asked) = unsafe { (card.as_ref(), psam.as_ref(), asked.as_ref()) };
    let (Some(card), Some(asked)) = (card, asked) else { return TcResult::BadArgument };
    with(terminal, |terminal| {
        let asked = asked.asked(terminal)?;
        // A slot in which no PSAM answers is an empty one: the terminal's rules decide.
        let mut psam = psam.and_then(|psam| Psam::open(*psam).ok());
        let found = terminal.present(&mut Channel::new(*card), psam.as_mut(), &asked)?;
        put(outcome, TcOutcome::from(&found));
        Ok(())
    })
}

/// Says where the vehicle is now: the boarding stop of the records that follow.
///
/// # Safety
/// `terminal` is an open handle.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_set_stop(
    terminal: *mut TcTerminal,
    stop: u16,
    direction: u8,
) -> TcResult {
    with(terminal, |terminal| {
        let place = terminal.place();
        (place.stop, place.direction) = (stop, direction);
        Ok(())
    })
}

/// Seals what waits into a package; `sequence` receives its number, or 0 when nothing waits.
///
/// # Safety
/// `terminal` is an open handle; `sequence` is null or a place for one number.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_seal(terminal: *mut TcTerminal, sequence: *mut u32) -> TcResult {
    with(terminal, |terminal| {
        let sealed = terminal.seal()?;
        put(sequence, sealed.map(|sealed| sealed.sequence.0).unwrap_or_default());
        Ok(())
    })
}

/// Copies every package that the centre has not answered into `folder`.
///
/// # Safety
/// `terminal` is an open handle; `folder` is null or a zero-terminated string.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_copy_packages(
    terminal: *mut TcTerminal,
    folder: *const c_char,
) -> TcResult {
    let Some(folder) = path(folder) else { return TcResult::BadArgument };
    with(terminal, |terminal| terminal.copy_packages(&folder).map(drop))
}

/// Sends packages and fetches results and lists by the way that terminal.toml names; nothing where it names none.
///
/// # Safety
/// `terminal` is an open handle.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_exchange(terminal: *mut TcTerminal) -> TcResult {
    with(terminal, |terminal| match terminal.link()? {
        Some(mut link) => terminal.exchange(&mut *link).map(drop),
        None => Ok(()),
    })
}

/// Takes the centre's result file at `file`; `answered` receives how many packages it answers.
///
/// # Safety
/// `terminal` is an open handle; `file` is null or a zero-terminated string; `answered` is null or a place for one number.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_apply_result(
    terminal: *mut TcTerminal,
    file: *const c_char,
    answered: *mut u32,
) -> TcResult {
    let Some(file) = path(file) else { return TcResult::BadArgument };
    with(terminal, |terminal| {
        let done = terminal.apply_result_file(&file).map_err(|error| match error {
            ApplyError::Refused(error) => TerminalError::Refused(error.to_string()),
            ApplyError::Terminal(error) => error,
        })?;
        put(answered, done);
        Ok(())
    })
}

/// Takes new lists from the terminal's folder.
///
/// # Safety
/// `terminal` is an open handle.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_reload_lists(terminal: *mut TcTerminal) -> TcResult {
    with(terminal, Terminal::reload_lists)
}

/// How many taps and packages are in which state.
///
/// # Safety
/// `terminal` is an open handle; `counts` is null or a place for one structure.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_terminal_counts(terminal: *mut TcTerminal, counts: *mut TcCounts) -> TcResult {
    with(terminal, |terminal| {
        put(counts, terminal.counts()?.into());
        Ok(())
    })
}
