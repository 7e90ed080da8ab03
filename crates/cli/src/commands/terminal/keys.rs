//! Keys from a key file, for the library's load host and for virtual hardware.

use std::fs;
use std::path::Path;

use tongclear_card::simulated::RingLoadKeys;
use tongclear_mac::{KeyFile, KeyLevels, KeyRing};
use tongclear_terminal::lists::{Lists, Operator};
use tongclear_types::{IssuerId, OperatorCode};

use crate::exit::CliError;

/// The keys of a `keys.toml`.
pub(crate) fn ring(path: &Path) -> Result<KeyRing, CliError> {
    let text = fs::read_to_string(path).map_err(|error| CliError::reading(path, error))?;
    let refused = |message: String| CliError::Refused(format!("{}: {message}", path.display()));
    let mut ring = KeyRing::empty();
    let file = KeyFile::parse(&text).map_err(|error| refused(error.to_string()))?;
    ring.merge(file).map_err(|error| refused(error.to_string()))?;
    Ok(ring)
}

/// Card operators of a terminal's lists, as keys are looked up by.
pub(crate) fn operators(lists: &Lists) -> Vec<(IssuerId, OperatorCode, KeyLevels)> {
    lists.operators().map(|it: &Operator| (it.issuer_id, it.code, it.levels())).collect()
}

/// The card operators of a `registry.toml`.
pub(crate) fn lists(path: &Path) -> Result<Lists, CliError> {
    if !path.exists() {
        return Err(CliError::Usage(format!("{}: there is no such file", path.display())));
    }
    Lists::of_operators(path).map_err(|message| CliError::Refused(format!("{}: {message}", path.display())))
}

/// Load keys for the operators of `lists`.
pub(super) fn load_keys(path: &Path, lists: &Lists) -> Result<RingLoadKeys, CliError> {
    Ok(RingLoadKeys { ring: ring(path)?, operators: operators(lists) })
}
