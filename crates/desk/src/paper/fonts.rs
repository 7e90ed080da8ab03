//! Fonts for PDF: a file that was named, or the first of the known ones that this machine has whole.

use std::io;
use std::path::Path;

use tongclear_engine::EngineError;
use tongclear_press::{FONTS, FontCandidate, FontFile, Fonts};

use crate::DeskError;

/// The fonts to set documents in: those of `asked`, `FILE` or `FILE:INDEX` for a face of a collection, or what is found here.
///
/// # Errors
/// [`DeskError::Refused`] when no font is found, or one lacks what statements need, naming what to install;
/// [`EngineError::NoSuchPath`] when the named file is not there; faults of the disk.
pub fn fonts(asked: Option<&str>) -> Result<Fonts, DeskError> {
    let files = match asked {
        Some(asked) => {
            let (path, index) = face(asked);
            vec![(path, index)]
        }
        None => found(&FONTS, Path::exists)?.to_vec(),
    };
    let read = |(path, index): (&str, u32)| match std::fs::read(path) {
        Ok(bytes) => Ok(FontFile { bytes, index }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(EngineError::NoSuchPath(path.into())),
        Err(error) => {
            Err(EngineError::Disk { doing: "reading", path: path.into(), reason: error.to_string() })
        }
    };
    let files = files.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Fonts::new(files).map_err(|error| DeskError::Refused(format!("{}: {error}", asked.unwrap_or("font"))))
}

/// File and face of `FILE:INDEX`; a path that ends with a colon and digits is taken as such when it is there.
fn face(asked: &str) -> (&str, u32) {
    let split = asked.rsplit_once(':').filter(|_| !Path::new(asked).exists());
    split.and_then(|(path, index)| Some((path, index.parse().ok()?))).unwrap_or((asked, 0))
}

/// The files of the first candidate that is there whole.
fn found(
    candidates: &[FontCandidate],
    exists: impl Fn(&Path) -> bool,
) -> Result<&'static [(&'static str, u32)], DeskError> {
    let is_whole = |it: &&FontCandidate| it.files.iter().all(|(path, _)| exists(Path::new(path)));
    candidates.iter().find(is_whole).map(|it| it.files).ok_or_else(|| {
        let packages = candidates.first().map(|it| it.packages.join(" ")).unwrap_or_default();
        DeskError::Refused(format!(
            "PDF needs a font with Chinese and this machine has none of the known ones: `apt-get install {packages}`, or \
             name one with --font FILE or TONGCLEAR_FONT; xlsx, csv and json need none"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_stands_behind_the_last_colon() {
        for (asked, expected) in [
            ("/a/font.ttf", ("/a/font.ttf", 0)),
            ("/a/font.ttc:2", ("/a/font.ttc", 2)),
            ("/a/odd:name.ttf", ("/a/odd:name.ttf", 0)),
        ] {
            assert_eq!(face(asked), expected);
        }
    }

    #[test]
    fn the_best_font_that_is_whole_is_taken_and_a_missing_one_says_what_to_install() {
        let companion = |path: &Path| path.starts_with("/usr/share/fonts/truetype/dejavu");
        let [.., last] = &FONTS;
        for exists in [|_: &Path| false, companion as fn(&Path) -> bool] {
            let error = found(&FONTS, exists).expect_err("none is whole").to_string();
            assert!(error.contains("apt-get install fonts-wqy-microhei"), "{error}");
        }
        let files = found(&FONTS, |path| last.files.iter().any(|(file, _)| path == Path::new(file)));
        assert_eq!(files.ok(), Some(last.files));
        assert_eq!(found(&FONTS, |_| true).ok(), Some(FONTS[0].files));
    }
}
