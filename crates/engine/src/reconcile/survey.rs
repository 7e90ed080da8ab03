//! The first pass over an operator's file: its digest, whether it is whole, and where it may be cut.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tongclear_package::{OperatorPiece, OperatorSurvey};
use tongclear_store::Digest;

use crate::EngineError;

/// Bytes of a piece: large enough that a worker's turn is worth it, small enough that all have turns.
const PIECE_BYTES: u64 = 4 << 20;
/// Bytes read at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// What the first pass found.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    pub(super) sha256: Digest,
    pub(super) bytes: u64,
    pub(super) pieces: Vec<OperatorPiece>,
}

impl Survey {
    /// Reads the file at `path` twice at once: one thread for its digest, the other for its lines.
    pub(super) fn of(path: &Path) -> Result<Self, EngineError> {
        std::thread::scope(|scope| {
            let digest = scope.spawn(|| digest(path));
            let pieces = pieces(path);
            let (sha256, bytes) = digest
                .join()
                .map_err(|_| EngineError::Internal("the thread of the digest panicked".to_owned()))??;
            Ok(Self { sha256, bytes, pieces: pieces? })
        })
    }
}

fn digest(path: &Path) -> Result<(Digest, u64), EngineError> {
    let (mut sha256, mut bytes) = (Sha256::new(), 0);
    blocks(path, |block| {
        sha256.update(block);
        bytes += block.len() as u64;
        Ok(())
    })?;
    Ok((Digest(sha256.finalize().into()), bytes))
}

fn pieces(path: &Path) -> Result<Vec<OperatorPiece>, EngineError> {
    let mut survey = OperatorSurvey::new(PIECE_BYTES);
    blocks(path, |block| Ok(survey.push(block)?))?;
    Ok(survey.finish()?)
}

fn blocks(path: &Path, mut take: impl FnMut(&[u8]) -> Result<(), EngineError>) -> Result<(), EngineError> {
    let reading = |error: &std::io::Error| EngineError::reading(path, error);
    let mut file = File::open(path).map_err(|error| reading(&error))?;
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = file.read(&mut block).map_err(|error| reading(&error))?;
        if read == 0 {
            return Ok(());
        }
        take(&block[..read])?;
    }
}
