//! Files of card operators: read whole before anything is kept, then kept as they arrived.
//!
//! Files may be gigabytes: they are read line by line from disk, never held.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tongclear_engine::{Centre, EngineError, operator_file_path};
use tongclear_package::{OPERATOR_LINE_MAX, OperatorFileReader, OperatorStatus};
use tongclear_store::Digest;
use tongclear_store::operator_files::{OperatorFileRow, add_operator_file};
use tongclear_types::{BusinessDate, Fen, OperatorCode};

use crate::DeskError;

/// Takes the file of `operator` for `date`, which lies at `path`; says what it holds, and whether it is new.
///
/// # Errors
/// [`DeskError::Refused`] naming line, field and value of the first fault, after which nothing is kept; faults of disk, store
/// and vault.
pub(crate) async fn take(
    centre: &Centre,
    operator: OperatorCode,
    date: BusinessDate,
    path: &Path,
) -> Result<(OperatorFileRow, bool), DeskError> {
    if centre.registry().await?.body.operator(&operator).is_none() {
        return Err(DeskError::Refused(format!("operator is {operator}: not in the registry")));
    }
    let file = path.to_owned();
    let examined = tokio::task::spawn_blocking(move || examine(&file)).await;
    let Examined { bytes, lines, amount_fen, sha256 } =
        examined.map_err(|error| DeskError::Refused(format!("reading the file: {error}")))??;
    // The file first, then the row that names it.
    let copied = centre.vault.put_file(&operator_file_path(operator, date, &sha256), path).await?;
    if copied != sha256 {
        return Err(DeskError::Refused("the file changed while it was read".to_owned()));
    }
    let stamp = centre.stamp();
    let row = OperatorFileRow {
        operator,
        business_date: date,
        sha256,
        bytes,
        lines,
        amount_fen,
        received_by: stamp.by.clone(),
        received_at: stamp.at,
    };
    let new = add_operator_file(&*centre.store, &row, &stamp).await?;
    Ok((row, new))
}

/// What a whole file holds.
struct Examined {
    bytes: u64,
    lines: u64,
    amount_fen: Fen,
    sha256: Digest,
}

/// Reads a file to its end.
fn examine(path: &Path) -> Result<Examined, DeskError> {
    let disk = |error: std::io::Error| {
        DeskError::Engine(EngineError::Disk {
            doing: "reading",
            path: path.to_owned(),
            reason: error.to_string(),
        })
    };
    let mut file = BufReader::new(File::open(path).map_err(disk)?);
    let (mut reader, mut sha256) = (OperatorFileReader::new(), Sha256::new());
    let (mut bytes, mut amount_fen, mut raw) = (0, Fen::ZERO, Vec::new());
    loop {
        raw.clear();
        // One byte more than the longest line tells that a line is too long, without holding it.
        let most = OPERATOR_LINE_MAX as u64 + 1;
        let read = file.by_ref().take(most).read_until(b'\n', &mut raw).map_err(disk)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        sha256.update(&raw);
        if let Some(line) = reader.take(&raw).map_err(EngineError::from)?
            && line.status == OperatorStatus::Ok
        {
            amount_fen = amount_fen.checked_add(line.amount)?;
        }
    }
    let lines = reader.finish().map_err(EngineError::from)?;
    Ok(Examined { bytes, lines, amount_fen, sha256: Digest(sha256.finalize().into()) })
}
