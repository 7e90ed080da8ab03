//! One column, and its pages.

use parquet::basic::Encoding;
use parquet::column::page::{CompressedPage, Page};

use crate::Words;
use crate::bits::put_hybrid;
use crate::delta::{put_fronts, put_numbers, put_texts};

/// The values of one column in one page.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// Texts of a dictionary.
    Words(&'a Words),
    /// Numbers of 64 bits of a dictionary: few different ones, far apart.
    Numbers(&'a Words),
    /// Texts of `len` bytes each, end to end in `text`, that share their front with the one before.
    Fronts {
        /// All of them.
        text: &'a [u8],
        /// Length of each, bytes, above 0.
        len: usize,
    },
    /// Texts of `len` bytes each, end to end in `text`, that share nothing.
    Texts {
        /// All of them.
        text: &'a [u8],
        /// Length of each, bytes, above 0.
        len: usize,
    },
    /// Numbers of up to 32 bits without sign.
    U32(&'a [u32]),
    /// Numbers of 64 bits, some of them absent.
    OptionalI64(&'a [Option<i64>]),
}

/// The least and the greatest text.
pub(crate) type Bounds = (Vec<u8>, Vec<u8>);

impl Column<'_> {
    /// Rows of the page.
    pub(crate) const fn len(&self) -> usize {
        match self {
            Self::Words(words) | Self::Numbers(words) => words.len(),
            Self::Fronts { text, len } | Self::Texts { text, len } => text.len() / *len,
            Self::U32(values) => values.len(),
            Self::OptionalI64(values) => values.len(),
        }
    }

    /// How the values lie in a data page.
    pub(crate) const fn encoding(&self) -> Encoding {
        match self {
            Self::Words(_) | Self::Numbers(_) => Encoding::RLE_DICTIONARY,
            Self::Fronts { .. } => Encoding::DELTA_BYTE_ARRAY,
            Self::Texts { .. } => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            Self::U32(_) | Self::OptionalI64(_) => Encoding::DELTA_BINARY_PACKED,
        }
    }

    /// Whether the group's pages share a dictionary.
    pub(crate) const fn has_dictionary(&self) -> bool {
        matches!(self, Self::Words(_) | Self::Numbers(_))
    }

    /// The rows as a page.
    pub(crate) fn data_page(&self) -> CompressedPage {
        let mut data = Vec::with_capacity(self.len() * 2);
        match self {
            Self::Words(words) | Self::Numbers(words) => words.put_page(&mut data),
            Self::Fronts { text, len } => put_fronts(text, *len, &mut data),
            Self::Texts { text, len } => put_texts(text, *len, &mut data),
            Self::U32(values) => put_numbers(values, &mut data),
            Self::OptionalI64(values) => put_optional(values, &mut data),
        }
        page(Page::DataPage {
            buf: data.into(),
            num_values: count_of(self.len()),
            encoding: self.encoding(),
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        })
    }

    /// The dictionary of the group's pages, if they have one.
    pub(crate) fn dictionary_page(&self) -> Option<CompressedPage> {
        match self {
            Self::Words(words) => {
                let mut texts = Vec::new();
                for text in words.each() {
                    texts.extend_from_slice(&count_of(text.len()).to_le_bytes());
                    texts.extend_from_slice(text);
                }
                Some(dictionary(texts, words.count()))
            }
            Self::Numbers(words) => {
                Some(dictionary(words.each().flatten().copied().collect(), words.count()))
            }
            Self::Fronts { .. } | Self::Texts { .. } | Self::U32(_) | Self::OptionalI64(_) => None,
        }
    }

    /// Takes the page's texts, or for a dictionary all of the group's, into `bounds`; what nobody looks for, numbers and
    /// texts that share nothing, has none.
    pub(crate) fn widen(&self, bounds: &mut Option<Bounds>) {
        match self {
            Self::Words(words) => widen(bounds, words.each()),
            Self::Fronts { text, len } => widen(bounds, text.chunks_exact(*len)),
            Self::Texts { .. } | Self::Numbers(_) | Self::U32(_) | Self::OptionalI64(_) => {}
        }
    }
}

fn widen<'a>(bounds: &mut Option<Bounds>, texts: impl Iterator<Item = &'a [u8]> + Clone) {
    let (Some(least), Some(greatest)) = (texts.clone().min(), texts.max()) else { return };
    match bounds {
        None => *bounds = Some((least.to_vec(), greatest.to_vec())),
        Some((low, high)) => {
            if least < low.as_slice() {
                *low = least.to_vec();
            }
            if greatest > high.as_slice() {
                *high = greatest.to_vec();
            }
        }
    }
}

/// A page as it is: nothing is compressed.
fn page(page: Page) -> CompressedPage {
    let len = page.buffer().len();
    CompressedPage::new(page, len)
}

/// The page of a dictionary's values, as Parquet has them plain.
fn dictionary(values: Vec<u8>, count: usize) -> CompressedPage {
    page(Page::DictionaryPage {
        buf: values.into(),
        num_values: count_of(count),
        encoding: Encoding::PLAIN,
        is_sorted: false,
    })
}

fn count_of(rows: usize) -> u32 {
    u32::try_from(rows).expect("a row group has fewer rows and shorter texts than 32 bits can count")
}

/// Which values are there, behind the length of that, then those that are.
fn put_optional(values: &[Option<i64>], out: &mut Vec<u8>) {
    let present: Vec<u32> = values.iter().map(|value| u32::from(value.is_some())).collect();
    let mut levels = Vec::with_capacity(values.len() / 8 + 8);
    put_hybrid(&present, 1, &mut levels);
    out.extend_from_slice(&count_of(levels.len()).to_le_bytes());
    out.append(&mut levels);
    let there: Vec<u64> = values.iter().flatten().map(|value| value.cast_unsigned()).collect();
    put_numbers(&there, out);
}
