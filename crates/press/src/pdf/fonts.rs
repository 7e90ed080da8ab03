//! The fonts a PDF is set in: bytes that the caller found, and where on Debian they are found.

use std::sync::Arc;

use krilla::Data;
use krilla::text::Font;
use skrifa::{FontRef, MetadataProvider as _};

/// A font file as it was read.
#[derive(Clone)]
pub struct FontFile {
    /// Its bytes: TrueType, OpenType, or a collection of them.
    pub bytes: Vec<u8>,
    /// Which face of a collection; 0 for a single font.
    pub index: u32,
}

/// Where a package of Debian puts a font that has Chinese: all its files are needed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FontCandidate {
    /// The packages, as apt takes them.
    pub packages: &'static [&'static str],
    /// Paths and face indices, in the order in which a character is looked for.
    pub files: &'static [(&'static str, u32)],
}

/// The fonts that are looked for, best first (ADR 0025). WenQuanYi Micro Hei takes 5 MB on disk and has Latin beside Chinese;
/// Noto Sans CJK takes 90 MB; Droid's fallback has no Latin and needs a companion.
pub const FONTS: [FontCandidate; 4] = [
    FontCandidate {
        packages: &["fonts-wqy-microhei"],
        files: &[("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0)],
    },
    FontCandidate {
        packages: &["fonts-noto-cjk"],
        files: &[("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2)],
    },
    FontCandidate {
        packages: &["fonts-wqy-zenhei"],
        files: &[("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0)],
    },
    FontCandidate {
        packages: &["fonts-dejavu-core", "fonts-droid-fallback"],
        files: &[
            ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 0),
            ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
        ],
    },
];

/// Fonts that have what a statement needs.
#[derive(Clone)]
pub struct Fonts {
    pub(super) faces: Vec<Face>,
}

/// One face, for measuring and for embedding.
#[derive(Clone)]
pub(super) struct Face {
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) index: u32,
    pub(super) font: Font,
}

/// Why fonts cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// No file was given.
    #[error("no font was given; install one that has Chinese, such as Debian's fonts-wqy-microhei")]
    None,
    /// A file is no font, or has no such face.
    #[error("font file {number} is no TrueType or OpenType font with a face {index}")]
    Unreadable {
        /// Which file, from 1.
        number: usize,
        /// The face that was asked for.
        index: u32,
    },
    /// A character of the forms is in none of the fonts.
    #[error(
        "the fonts lack {character:?}, which statements need; install one that has Chinese, such as Debian's fonts-wqy-microhei"
    )]
    Lacks {
        /// The character.
        character: char,
    },
}

/// What any font for statements must have: figures, Latin, signs, and Chinese of the forms.
const NEEDED: &str =
    "0123456789-,.–−·()AZaz结算对账单清算日商户发卡机构手续费优惠补贴充值净额未付交易明细挂账拒付重复第页共";

impl Fonts {
    /// Fonts of these files; a character is taken from the first that has it.
    ///
    /// # Errors
    /// [`FontError`] when there is none, when one cannot be read, or when they lack characters of the forms.
    pub fn new(files: Vec<FontFile>) -> Result<Self, FontError> {
        if files.is_empty() {
            return Err(FontError::None);
        }
        let faces = (1..).zip(files).map(|(number, FontFile { bytes, index })| {
            let bytes = Arc::new(bytes);
            let font = Font::new(Data::from(Arc::clone(&bytes)), index);
            let font = font.ok_or(FontError::Unreadable { number, index })?;
            Ok(Face { bytes, index, font })
        });
        let fonts = Self { faces: faces.collect::<Result<_, FontError>>()? };
        for character in NEEDED.chars() {
            let mut refs = fonts.faces.iter().filter_map(Face::read);
            if !refs.any(|font| font.charmap().map(character).is_some()) {
                return Err(FontError::Lacks { character });
            }
        }
        Ok(fonts)
    }
}

impl Face {
    /// The face for measuring; it was read before, so it can be read again.
    pub(super) fn read(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(&self.bytes, self.index).ok()
    }
}
