//! Widths of text and where its lines break.
//!
//! Statements need no shaping: Chinese, Latin and figures stand side by side, one glyph a character. Figures are as wide as the
//! widest of them, so that columns line up in any font.

use std::cell::RefCell;
use std::collections::HashMap;

use skrifa::raw::TableProvider as _;
use skrifa::{FontRef, MetadataProvider as _};

use super::fonts::Fonts;
use super::length::Length;

/// A character as the fonts have it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letter {
    /// Which face.
    pub(super) face: usize,
    /// Its glyph there; 0, the sign for a missing one, when no face has it.
    pub(super) glyph: u32,
    /// Its width, in the face's units.
    pub(super) advance: u32,
    /// The face's units.
    pub(super) units_per_em: u16,
}

/// Looks characters up, and measures.
pub(super) struct Letters<'a> {
    faces: Vec<(FontRef<'a>, u16)>,
    digit_units: Vec<u32>,
    known: RefCell<HashMap<char, Letter>>,
}

/// Marks that do not begin a line.
const NOT_FIRST: &str = "。，、；：！？）」』》％.,;:!?)%";

impl<'a> Letters<'a> {
    pub(super) fn new(fonts: &'a Fonts) -> Self {
        let faces: Vec<_> = fonts.faces.iter().filter_map(super::fonts::Face::read).collect();
        let faces: Vec<_> = faces
            .into_iter()
            .map(|font| {
                let units_per_em = font.head().map_or(1_000, |head| head.units_per_em());
                (font, units_per_em)
            })
            .collect();
        let digit_units = faces.iter().map(|(font, _)| {
            ('0'..='9')
                .filter_map(|digit| advance(font, font.charmap().map(digit)?.to_u32()))
                .max()
                .unwrap_or(0)
        });
        Self { digit_units: digit_units.collect(), faces, known: RefCell::default() }
    }

    /// The character as the fonts have it.
    pub(super) fn letter(&self, character: char) -> Letter {
        if let Some(known) = self.known.borrow().get(&character) {
            return *known;
        }
        let found = self.faces.iter().enumerate().find_map(|(face, (font, units_per_em))| {
            let glyph = font.charmap().map(character)?.to_u32();
            Some(Letter { face, glyph, advance: advance(font, glyph)?, units_per_em: *units_per_em })
        });
        let missing = || {
            let (font, units_per_em) = &self.faces[0];
            Letter {
                face: 0,
                glyph: 0,
                advance: advance(font, 0).unwrap_or(500),
                units_per_em: *units_per_em,
            }
        };
        let mut letter = found.unwrap_or_else(missing);
        if character.is_ascii_digit() {
            letter.advance = self.digit_units.get(letter.face).copied().unwrap_or(letter.advance);
        }
        self.known.borrow_mut().insert(character, letter);
        letter
    }

    /// How wide `text` is in `size`.
    pub(super) fn width(&self, text: &str, size: Length) -> Length {
        text.chars().map(|c| self.letter(c)).map(|it| size.scaled(it.advance, it.units_per_em)).sum()
    }

    /// The lines of `text` in `size`, none wider than `width` unless a single character is.
    pub(super) fn wrap(&self, text: &str, size: Length, width: Length) -> Vec<String> {
        if self.width(text, size) <= width {
            return vec![text.to_owned()];
        }
        let mut lines = Vec::new();
        let (mut line, mut line_width) = (String::new(), Length::ZERO);
        for piece in pieces(text) {
            let piece_width = self.width(piece.trim_end(), size);
            if line_width + piece_width > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                line_width = Length::ZERO;
            }
            if piece_width <= width {
                line.push_str(piece);
                line_width += self.width(piece, size);
                continue;
            }
            // A word longer than a line breaks wherever the line ends.
            for character in piece.chars() {
                let wide = self.width(character.encode_utf8(&mut [0; 4]), size);
                if line_width + wide > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    line_width = Length::ZERO;
                }
                line.push(character);
                line_width += wide;
            }
        }
        if !line.trim_end().is_empty() {
            lines.push(line.trim_end().to_owned());
        }
        lines
    }
}

fn advance(font: &FontRef<'_>, glyph: u32) -> Option<u32> {
    font.hmtx().ok()?.advance(skrifa::GlyphId::new(glyph)).map(u32::from)
}

/// Pieces that stay together: a Chinese character with the marks behind it, a Latin word with what ends it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, character) in text.char_indices() {
        let breaks = before.is_some_and(|before| {
            let after_gap = matches!(before, ' ' | '-' | '_' | '/');
            let between = is_chinese(before) || is_chinese(character);
            (after_gap || between) && character != ' ' && !NOT_FIRST.contains(character)
        });
        if breaks && at > start {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(character);
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_chinese(character: char) -> bool {
    character >= '\u{2e80}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_marks_stay_behind() {
        let table: [(&str, &[&str]); 4] = [
            ("the card, again", &["the ", "card, ", "again"]),
            ("余额不符。再试", &["余", "额", "不", "符。", "再", "试"]),
            ("TAC 不符", &["TAC ", "不", "符"]),
            ("counter_gap", &["counter_", "gap"]),
        ];
        for (text, expected) in table {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }
}
