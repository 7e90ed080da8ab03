//! Bytes that arrived: held in memory up to the size of the largest package, left on disk beyond it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tongclear_package::PACKAGE_LEN_MAX;
use tongclear_store::{Digest, NewQuarantine};

use crate::EngineError;
use crate::vault::HashWriter;

/// Bytes that arrived, and where from.
pub(super) struct Parcel {
    pub(super) source: String,
    pub(super) contents: Contents,
    /// How they were judged before, when they come out of quarantine.
    pub(super) known: Option<NewQuarantine>,
}

pub(super) enum Contents {
    Whole(Bytes),
    /// Longer than any package: stays on disk, only to be copied into quarantine.
    TooLong {
        file: PathBuf,
        digest: Digest,
        bytes: u64,
    },
}

impl Parcel {
    pub(super) fn read(path: &Path) -> Result<Self, EngineError> {
        let fault = |error: std::io::Error| EngineError::reading(path, &error);
        let mut file = File::open(path).map_err(fault)?;
        let mut bytes = Vec::new();
        // One byte more than the longest package tells that there is too much.
        file.by_ref().take(PACKAGE_LEN_MAX as u64 + 1).read_to_end(&mut bytes).map_err(fault)?;
        let contents = if bytes.len() <= PACKAGE_LEN_MAX {
            Contents::Whole(bytes.into())
        } else {
            let mut digest = HashWriter::after(&bytes);
            let rest = std::io::copy(&mut file, &mut digest).map_err(fault)?;
            Contents::TooLong {
                file: path.to_owned(),
                digest: digest.finish(),
                bytes: bytes.len() as u64 + rest,
            }
        };
        Ok(Self { source: path.display().to_string(), contents, known: None })
    }

    pub(super) fn len(&self) -> u64 {
        match &self.contents {
            Contents::Whole(bytes) => bytes.len() as u64,
            Contents::TooLong { .. } => 0,
        }
    }
}
