//! Open taps and proofs travel between terminals of one depot or station: a card that was torn here may come back there.
//!
//! A file of each terminal in a shared folder, swapped whole: `open-<terminal>.json` says which taps are open,
//! `proofs-<terminal>.json` what the cards said that came by.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tongclear_package::{RECORD_LEN, decode_record, encode_record};
use tongclear_types::{TerminalId, TerminalNumber};

use crate::journal::StoredTap;
use crate::{Terminal, TerminalError};

/// An open tap, as its record.
#[derive(Debug, Serialize, Deserialize)]
struct OpenTap {
    /// 96 bytes, hex.
    record: String,
}

/// What a card said.
#[derive(Debug, Serialize, Deserialize)]
struct ProofLine {
    terminal: TerminalId,
    terminal_number: TerminalNumber,
    /// 4 bytes, hex, when it happened.
    tac: Option<String>,
}

impl Terminal {
    /// Puts out this terminal's open taps and proofs, and takes those of the others in `folder`.
    /// Says how many of its own taps were closed by others' proofs.
    ///
    /// # Errors
    /// A fault of the disk. A neighbour's file that makes no sense is left aside.
    pub fn exchange_with_neighbours(&mut self, folder: &Path) -> Result<u32, TerminalError> {
        fs::create_dir_all(folder).map_err(TerminalError::io(folder))?;
        let mut closed = 0;
        for entry in fs::read_dir(folder).map_err(TerminalError::io(folder))? {
            let path = entry.map_err(TerminalError::io(folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let own = self.config.terminal.id.to_string();
            if name.contains(&own) || !name.ends_with(".json") {
                continue;
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            if name.starts_with("open-") {
                let taps: Vec<OpenTap> = serde_json::from_str(&text).unwrap_or_default();
                let records: Vec<_> = taps
                    .iter()
                    .filter_map(|tap| <[u8; RECORD_LEN]>::try_from(hex::decode(&tap.record).ok()?).ok())
                    .map(|bytes| decode_record(&bytes))
                    .collect();
                self.journal.take_neighbours(&records)?;
            } else if name.starts_with("proofs-") {
                let proofs: Vec<ProofLine> = serde_json::from_str(&text).unwrap_or_default();
                let own = self.config.terminal.id;
                for proof in proofs.iter().filter(|proof| proof.terminal == own) {
                    closed += u32::from(self.take_proof(proof)?);
                }
            }
        }
        self.put_out(folder)?;
        Ok(closed)
    }

    /// Closes an open tap by what its card said elsewhere.
    fn take_proof(&mut self, proof: &ProofLine) -> Result<bool, TerminalError> {
        let Some(tap) = self.journal.open_tap(proof.terminal, proof.terminal_number)? else {
            return Ok(false);
        };
        match &proof.tac {
            None => self.journal.refuse(tap.id, "did_not_happen", self.now_ms())?,
            Some(text) => {
                let mut tac = [0; 4];
                if hex::decode_to_slice(text, &mut tac).is_err() {
                    return Ok(false);
                }
                self.close_paid(&tap, tac)?;
            }
        }
        Ok(true)
    }

    fn put_out(&self, folder: &Path) -> Result<(), TerminalError> {
        let line = |tap: &StoredTap| OpenTap { record: hex::encode(encode_record(&tap.record)) };
        let open: Vec<OpenTap> = self.journal.open_taps()?.iter().map(line).collect();
        let proofs: Vec<ProofLine> = self
            .journal
            .neighbour_proofs()?
            .into_iter()
            .map(|it| ProofLine {
                terminal: it.terminal,
                terminal_number: it.terminal_number,
                tac: it.tac.map(hex::encode),
            })
            .collect();
        let own = self.config.terminal.id;
        let write = |name: String, text: serde_json::Result<Vec<u8>>| {
            let bytes = text.map_err(|error| TerminalError::Refused(error.to_string()))?;
            crate::files::write_whole(&folder.join(name), &bytes)
        };
        write(format!("open-{own}.json"), serde_json::to_vec_pretty(&open))?;
        write(format!("proofs-{own}.json"), serde_json::to_vec_pretty(&proofs))
    }
}
