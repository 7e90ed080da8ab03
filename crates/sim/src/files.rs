//! The files of a run that are written once: registry, keys, deny lists; and the folder they go into.

use std::fs;
use std::path::{Path, PathBuf};

use tongclear_package::DenyList;
use tongclear_types::Serial;

use crate::deny::{self, ListVersion};
use crate::plan::SimError;
use crate::registry_text;
use crate::summary::Paths;
use crate::world::World;

/// An error with the path that it happened at.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> SimError {
    let path = path.to_owned();
    move |source| SimError::Io { path, source }
}

/// Makes `folder`, or finds it empty.
pub(crate) fn claim(folder: &Path) -> Result<(), SimError> {
    if folder.exists() {
        let mut entries = fs::read_dir(folder).map_err(at(folder))?;
        if entries.next().is_some() {
            return Err(SimError::OutNotEmpty { path: folder.to_owned() });
        }
    }
    make(folder)
}

/// Makes `folder` and those above it.
pub(crate) fn make(folder: &Path) -> Result<(), SimError> {
    fs::create_dir_all(folder).map_err(at(folder))
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), SimError> {
    fs::write(path, bytes).map_err(at(path))
}

/// `registry/registry.toml` and `registry/terminals.csv`.
pub(crate) fn write_registry(world: &World<'_>) -> Result<(), SimError> {
    let folder = Paths::below(&world.plan.out).registry;
    make(&folder)?;
    write(&folder.join("registry.toml"), registry_text::registry(&world.city, &world.dates))?;
    write(&folder.join("terminals.csv"), registry_text::terminals(&world.city, &world.dates))
}

/// `keys.toml`.
pub(crate) fn write_keys(world: &World<'_>) -> Result<(), SimError> {
    write(&Paths::below(&world.plan.out).keys, world.keys.file().to_toml().as_bytes())
}

/// `lists/`: every version of every card operator.
pub(crate) fn write_lists(world: &World<'_>) -> Result<(), SimError> {
    let folder = Paths::below(&world.plan.out).lists;
    make(&folder)?;
    for (index, operator) in world.city.operators.iter().enumerate() {
        for version in (0..=world.plan.days).map(ListVersion) {
            let cards = world.listed.iter().map(|card| &world.cards[*card]);
            let on =
                cards.filter(|it| it.operator == index && it.stay.is_some_and(|it| it.contains(version)));
            let serials: Vec<Serial> = on.map(|card| card.serial).collect();
            let number = deny::number(version);
            let path: PathBuf = folder.join(format!("deny-{}-{number:010}.txt", operator.code));
            let effective = world.dates.date_time(deny::effective(version));
            let list = DenyList::new(operator.code, number, effective, serials)
                .map_err(|error| SimError::Unfit { what: "a deny list", message: error.to_string() })?;
            write(&path, list.to_bytes())?;
        }
    }
    Ok(())
}
