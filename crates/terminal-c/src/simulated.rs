//! A card and a PSAM in software for an integrator's tests, without hardware.

use std::ffi::{c_char, c_void};
use std::fs;
use std::path::Path;

use tongclear_card::Transport;
use tongclear_card::simulated::{
    CardFile, NumberAdvance, PsamMemory, SimulatedCard, SimulatedPsam, Tear, TearPoint, counting_randoms,
    psam_keys,
};
use tongclear_mac::{KeyFile, KeyLevels, KeyRing};
use tongclear_terminal::lists::Lists;
use tongclear_types::{OperatorCode, TerminalNumber};

use crate::TcTransportResult;
use crate::text::path;

/// A card or a PSAM in software; `tc_simulated_exchange` is its transport's function, the handle its context.
pub struct TcSimulated(Kind);

enum Kind {
    Card(Box<SimulatedCard>),
    Psam(Box<SimulatedPsam>),
}

fn ring(path: &Path) -> Option<KeyRing> {
    let mut ring = KeyRing::empty();
    ring.merge(KeyFile::parse(&fs::read_to_string(path).ok()?).ok()?).ok()?;
    Some(ring)
}

fn handle(kind: Option<Kind>) -> *mut TcSimulated {
    kind.map_or(std::ptr::null_mut(), |kind| Box::into_raw(Box::new(TcSimulated(kind))))
}

/// A card of the file that `tongclear virtual-card issue` made, with keys of a key file; null when either cannot be used.
/// What happens to it stays in memory.
///
/// # Safety
/// Both are null or zero-terminated strings.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_simulated_card(card: *const c_char, keys: *const c_char) -> *mut TcSimulated {
    let make = || {
        let file: CardFile = serde_json::from_slice(&fs::read(path(card)?).ok()?).ok()?;
        let made = file.issue.make(&ring(&path(keys)?)?, file.memory, counting_randoms(1)).ok()?;
        Some(Kind::Card(Box::new(made)))
    };
    handle(make())
}

/// A PSAM of the terminal with this id, with keys of a key file for the card operators of a registry.toml.
///
/// # Safety
/// `terminal_id` is null or 6 bytes; the others are null or zero-terminated strings.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_simulated_psam(
    terminal_id: *const u8,
    keys: *const c_char,
    registry: *const c_char,
) -> *mut TcSimulated {
    let make = || {
        // SAFETY: null, or six bytes as the header says.
        let id = unsafe { terminal_id.cast::<[u8; 6]>().as_ref() }?;
        let lists = Lists::of_operators(&path(registry)?).ok()?;
        let operators: Vec<(OperatorCode, KeyLevels)> =
            lists.operators().map(|operator| (operator.code, operator.levels())).collect();
        let keys = psam_keys(&ring(&path(keys)?)?, &operators);
        let memory = PsamMemory { next_number: TerminalNumber(1) };
        let terminal = tongclear_types::TerminalId(*id);
        Some(Kind::Psam(Box::new(SimulatedPsam::new(terminal, keys, memory, NumberAdvance::AnyMac2))))
    };
    handle(make())
}

/// Tears the card out at its next command with that instruction byte, after it has written: the answer is lost. It is back in
/// the field at once.
///
/// # Safety
/// `card` is null or an open handle.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_simulated_tear(card: *mut TcSimulated, instruction: u8) {
    // SAFETY: as the header says.
    if let Some(TcSimulated(Kind::Card(card))) = unsafe { card.as_mut() } {
        card.tear_at(Tear { instruction: Some(instruction), point: TearPoint::After });
    }
}

/// Frees a card or a PSAM; null is nothing.
///
/// # Safety
/// `simulated` is null or an open handle, which is not used again.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_simulated_free(simulated: *mut TcSimulated) {
    if !simulated.is_null() {
        // SAFETY: made by `Box::into_raw` in this file, and given back once.
        drop(unsafe { Box::from_raw(simulated) });
    }
}

/// A `TcExchange` whose context is a `TcSimulated`.
///
/// # Safety
/// As `TcExchange` says, with an open handle as `context`.
#[expect(unsafe_code, reason = "called from C")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tc_simulated_exchange(
    context: *mut c_void,
    command: *const u8,
    command_len: usize,
    answer: *mut u8,
    answer_len: *mut usize,
) -> TcTransportResult {
    // SAFETY: as the header says.
    let Some(TcSimulated(kind)) = (unsafe { context.cast::<TcSimulated>().as_mut() }) else {
        return TcTransportResult::ReaderGone;
    };
    if command.is_null() || answer.is_null() || answer_len.is_null() {
        return TcTransportResult::Fault;
    }
    // SAFETY: not null, and `command_len` bytes long as the header says.
    let command = unsafe { std::slice::from_raw_parts(command, command_len) };
    let given = match kind {
        Kind::Card(card) => {
            if !card.is_powered() {
                card.power_on();
            }
            card.exchange(command)
        }
        Kind::Psam(psam) => psam.exchange(command),
    };
    match given {
        // SAFETY: the answer fits into the room that the caller tells.
        Ok(bytes) if bytes.len() <= unsafe { *answer_len } => {
            unsafe {
                answer.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                answer_len.write(bytes.len());
            }
            TcTransportResult::Ok
        }
        Ok(_) => TcTransportResult::Fault,
        Err(_) => TcTransportResult::CardGone,
    }
}
