//! Finding package files: what the caller named, and what lies below folders.

use std::path::{Path, PathBuf};

use crate::EngineError;

/// What was found at some paths.
#[derive(Debug, Default)]
pub struct Found {
    /// Files to take in: those that were named, and all `.ctp` files below folders, sorted.
    pub files: Vec<PathBuf>,
    /// What could not be looked at or is no file (a dangling link, a pipe, a device), and why.
    pub passed_over: Vec<(PathBuf, String)>,
}

/// Looks for package files at `paths`.
///
/// # Errors
/// [`EngineError::NoSuchPath`] for a path that does not exist; [`EngineError::Disk`] for an unreadable folder.
pub fn find_packages(paths: &[PathBuf]) -> Result<Found, EngineError> {
    let mut found = Found::default();
    for path in paths {
        let kind = path.metadata().map_err(|error| EngineError::reading(path, &error))?;
        if kind.is_dir() {
            let from = found.files.len();
            look_below(path, &mut found)?;
            found.files[from..].sort_unstable();
        } else {
            found.take(path.clone());
        }
    }
    Ok(found)
}

fn look_below(folder: &Path, found: &mut Found) -> Result<(), EngineError> {
    for entry in folder.read_dir().map_err(|error| EngineError::reading(folder, &error))? {
        let entry = entry.map_err(|error| EngineError::reading(folder, &error))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| EngineError::reading(&path, &error))?;
        // Links to folders are not followed: they could lead round in a circle.
        if kind.is_dir() {
            look_below(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "ctp") {
            found.take(path);
        }
    }
    Ok(())
}

impl Found {
    /// Reading a pipe or a device could wait for ever, so only files are taken.
    fn take(&mut self, path: PathBuf) {
        match path.metadata() {
            Ok(kind) if kind.is_file() => self.files.push(path),
            Ok(_) => self.passed_over.push((path, "not a file".to_owned())),
            Err(error) => self.passed_over.push((path, error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_and_what_is_no_file_is_passed_over() {
        let dir = tempfile::TempDir::new().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir_all(at("below/folder.ctp")).unwrap();
        for name in ["b.ctp", "a.ctp", "below/c.ctp", "below/folder.ctp/d.ctp", "notes.txt"] {
            std::fs::write(at(name), name).unwrap();
        }
        std::os::unix::fs::symlink("nowhere", at("dangling.ctp")).unwrap();
        let found = find_packages(&[dir.path().to_owned(), at("notes.txt")]).unwrap();
        let expected = ["a.ctp", "b.ctp", "below/c.ctp", "below/folder.ctp/d.ctp", "notes.txt"];
        assert_eq!(found.files, expected.map(at));
        assert_eq!(found.passed_over.len(), 1);
        assert!(matches!(find_packages(&[at("absent")]), Err(EngineError::NoSuchPath(_))));
    }
}
