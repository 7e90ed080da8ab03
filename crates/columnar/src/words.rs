//! A column of values that its writer can number.

use foldhash::{HashMap, HashMapExt as _};

use crate::bits::{put_hybrid, width};

/// No place yet.
const NONE: u32 = u32::MAX;

/// Values of one row group, each named by a number of the writer's, and written out once: texts, or the eight bytes of a
/// number, the lowest first ([`Column::Numbers`](crate::Column::Numbers)).
///
/// A word is numbered either by its place in some table of the writer's ([`Words::push_place`]: one look into an array)
/// or by any other number that stands for it alone ([`Words::push_key`]: one look into a hash table, unless it is the
/// same as the one before). Memory: four bytes a row, and four bytes for every place up to the highest.
#[derive(Debug, Default)]
pub struct Words {
    /// Place in the dictionary, by the writer's place.
    of_place: Vec<u32>,
    places_used: Vec<usize>,
    of_key: HashMap<u64, u32>,
    last_key: Option<(u64, u32)>,
    /// The words, end to end.
    texts: Vec<u8>,
    /// Where each ends in `texts`.
    ends: Vec<usize>,
    /// The dictionary's place of each row.
    rows: Vec<u32>,
}

impl Words {
    /// An empty column.
    #[must_use]
    pub fn new() -> Self {
        Self { of_key: HashMap::new(), ..Self::default() }
    }

    /// Appends the word at `place` of a table; `text` is asked only when the group has not had it yet.
    #[inline]
    pub fn push_place<T: AsRef<[u8]>>(&mut self, place: usize, text: impl FnOnce() -> T) {
        if place >= self.of_place.len() {
            self.of_place.resize(place + 1, NONE);
        }
        if self.of_place[place] == NONE {
            self.of_place[place] = self.add(text().as_ref());
            self.places_used.push(place);
        }
        self.rows.push(self.of_place[place]);
    }

    /// Appends the word that `key` stands for; `text` is asked only when the group has not had it yet.
    #[inline]
    pub fn push_key<T: AsRef<[u8]>>(&mut self, key: u64, text: impl FnOnce() -> T) {
        let word = match self.last_key {
            Some((last, word)) if last == key => word,
            _ => match self.of_key.get(&key) {
                Some(word) => *word,
                None => {
                    let word = self.add(text().as_ref());
                    self.of_key.insert(key, word);
                    word
                }
            },
        };
        self.last_key = Some((key, word));
        self.rows.push(word);
    }

    /// Rows so far.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Forgets the rows and keeps the words, for the next page of a group.
    pub fn clear_rows(&mut self) {
        self.rows.clear();
    }

    /// Forgets rows and words, for the next group.
    pub fn clear(&mut self) {
        for place in self.places_used.drain(..) {
            self.of_place[place] = NONE;
        }
        self.of_key.clear();
        self.last_key = None;
        self.texts.clear();
        self.ends.clear();
        self.rows.clear();
    }

    fn add(&mut self, text: &[u8]) -> u32 {
        let word = u32::try_from(self.ends.len()).expect("a group has fewer rows than 32 bits can count");
        self.texts.extend_from_slice(text);
        self.ends.push(self.texts.len());
        word
    }

    /// How many different words there are.
    pub(crate) const fn count(&self) -> usize {
        self.ends.len()
    }

    /// The words, each once.
    pub(crate) fn each(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.texts[start..*end])
    }

    /// Appends the data page.
    pub(crate) fn put_page(&self, out: &mut Vec<u8>) {
        let width = width((self.ends.len() as u64).saturating_sub(1));
        out.push(width);
        put_hybrid(&self.rows, width, out);
    }
}
