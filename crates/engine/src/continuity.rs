//! Reading back what a cleared window's run knew of continuity and of its devices.

use object_store::path::Path;
use tongclear_types::{ContinuityItem, ContinuityKind, DeviceQuality};

use crate::centre::ClosedWindow;
use crate::clearing::continuity::{read_items, read_quality};
use crate::run_files::RunFiles;
use crate::vault::{continuity_path, quality_path};
use crate::{Centre, EngineError};

/// What is missing, doubled or broken after a window, and what its devices delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuity {
    /// Items that are open after the window or ended in it, sorted.
    pub items: Vec<ContinuityItem>,
    /// Every device that delivered or misses something, sorted.
    pub devices: Vec<DeviceQuality>,
}

/// The continuity of a cleared window; nothing when an older version, which kept none, cleared it.
///
/// # Errors
/// Faults of store and vault; [`EngineError::Damaged`] when a file is not what the run wrote.
pub async fn continuity(centre: &Centre, window: &ClosedWindow) -> Result<Option<Continuity>, EngineError> {
    let files = RunFiles::of(centre, window.row.id).await?;
    let (items_path, quality_path) = (continuity_path(window.date()), quality_path(window.date()));
    let damaged = |path: &Path, reason| EngineError::Damaged { path: path.to_string(), reason };
    if !files.has(&items_path) && !files.has(&quality_path) {
        return Ok(None);
    }
    let items = files.get(&centre.vault, &items_path).await?;
    let quality = files.get(&centre.vault, &quality_path).await?;
    let mut items = read_items(items).map_err(|reason| damaged(&items_path, reason))?;
    // What is remembered to go on is nothing for people yet.
    items.retain(|item| item.kind != ContinuityKind::SingleConflict);
    let devices = read_quality(quality).map_err(|reason| damaged(&quality_path, reason))?;
    Ok(Some(Continuity { items, devices }))
}
