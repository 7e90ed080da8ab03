//! From a laid-out document to the bytes of a PDF: the one place that knows the PDF library and its floats.
//!
//! No money is computed here; a length of whole thousandths becomes the coordinate that the library takes.
#![expect(clippy::float_arithmetic, reason = "coordinates on paper, computed in whole thousandths before")]

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};
use krilla::text::{GlyphId, KrillaGlyph};

use super::flow::Flow;
use super::fonts::Fonts;
use super::length::Length;
use super::letters::{Letter, Letters};
use super::page::{Ink, Meaning, PAGE_HEIGHT, PAGE_WIDTH, Shape};
use crate::PressError;
use crate::table::Document;

/// The language that PDF readers take the text for.
const LANGUAGE: &str = "zh-CN";

/// Draws all pages.
pub(super) fn paint(flow: &Flow<'_>, document: &Document<'_>, fonts: &Fonts) -> Result<Vec<u8>, PressError> {
    let mut pdf = krilla::Document::new();
    let mut leaves: Vec<Vec<Identifier>> = std::iter::repeat_with(Vec::new).take(flow.nodes.len()).collect();
    for page in &flow.pages {
        let settings = PageSettings::from_wh(points(PAGE_WIDTH), points(PAGE_HEIGHT));
        let settings = settings.ok_or_else(|| PressError::Pdf("the page has no size".to_owned()))?;
        let mut sheet = pdf.start_page_with(settings);
        let mut surface = sheet.surface();
        let mut items = page.items.iter().peekable();
        while let Some(first) = items.next() {
            let tag = match first.node {
                Some(_) => ContentTag::Other,
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
            };
            let identifier = surface.start_tagged(tag);
            draw(&mut surface, &first.shape, flow.letters, fonts);
            // What follows for the same part of the document is read out in one breath.
            while let Some(item) = items.next_if(|item| item.node == first.node) {
                draw(&mut surface, &item.shape, flow.letters, fonts);
            }
            surface.end_tagged();
            if let Some(leaves) = first.node.and_then(|node| leaves.get_mut(node)) {
                leaves.push(identifier);
            }
        }
        surface.finish();
        sheet.finish();
    }
    pdf.set_tag_tree(tags(flow, leaves));
    pdf.set_outline(outline(flow));
    pdf.set_metadata(metadata(document));
    pdf.finish().map_err(|error| PressError::Pdf(format!("{error:?}")))
}

/// A length in the library's points: below 2^24 thousandths, so that the float holds it exactly before the division.
#[expect(clippy::cast_precision_loss, reason = "a page has less than 2^24 thousandths of a point")]
fn points(length: Length) -> f32 {
    length.thousandths() as f32 / 1_000.0
}

fn colour(ink: Ink) -> rgb::Color {
    let [red, green, blue] = match ink {
        Ink::Text => [0x1a, 0x1a, 0x1a],
        Ink::Quiet => [0x66, 0x6b, 0x72],
        Ink::Hair => [0xd0, 0xd5, 0xda],
        Ink::Tint => [0xed, 0xf2, 0xf7],
        Ink::Accent => [0x1d, 0x4e, 0x79],
        Ink::Series(number) => {
            // Told apart by those who see no colours, too: each is darker or lighter than its neighbours.
            const SERIES: [[u8; 3]; 4] =
                [[0x2f, 0x6d, 0xa8], [0xf0, 0xb4, 0x4c], [0x8c, 0x2d, 0x2d], [0x8a, 0x9a, 0xa8]];
            SERIES[number % SERIES.len()]
        }
    };
    rgb::Color::new(red, green, blue)
}

fn draw(surface: &mut Surface<'_>, shape: &Shape, letters: &Letters<'_>, fonts: &Fonts) {
    match shape {
        Shape::Rectangle { x, y, width, height, ink } => {
            let rect = Rect::from_xywh(points(*x), points(*y), points(*width), points(*height));
            let path = rect.and_then(|rect| {
                let mut builder = PathBuilder::new();
                builder.push_rect(rect);
                builder.finish()
            });
            surface.set_stroke(None);
            surface.set_fill(Some(Fill { paint: colour(*ink).into(), ..Fill::default() }));
            if let Some(path) = path {
                surface.draw_path(&path);
            }
        }
        Shape::Text { x, y, size, ink, is_bold, text } => {
            let paint = colour(*ink);
            surface.set_fill(Some(Fill { paint: paint.into(), ..Fill::default() }));
            // The fonts come in one weight; a thin outline of the same colour makes the bold one.
            let width = points(*size) * 0.032;
            surface.set_stroke(is_bold.then(|| Stroke { paint: paint.into(), width, ..Stroke::default() }));
            write(surface, (*x, *y), *size, text, letters, fonts);
        }
    }
}

/// Draws a line of text, a run for each font it needs.
fn write(
    surface: &mut Surface<'_>,
    (x, y): (Length, Length),
    size: Length,
    text: &str,
    letters: &Letters<'_>,
    fonts: &Fonts,
) {
    let all: Vec<(usize, char, Letter)> =
        text.char_indices().map(|(at, c)| (at, c, letters.letter(c))).collect();
    let mut x = x;
    for run in all.chunk_by(|(_, _, one), (_, _, other)| one.face == other.face) {
        let [(start, _, first), ..] = run else { continue };
        let Some(face) = fonts.faces.get(first.face) else { continue };
        let end = run.last().map_or(*start, |(at, character, _)| at + character.len_utf8());
        let glyphs: Vec<KrillaGlyph> = run
            .iter()
            .map(|(at, character, letter)| {
                let range = at - start..at - start + character.len_utf8();
                KrillaGlyph::new(GlyphId::new(letter.glyph), em(letter), 0.0, 0.0, 0.0, range, None)
            })
            .collect();
        let at = Point::from_xy(points(x), points(y));
        surface.draw_glyphs(at, &glyphs, face.font.clone(), &text[*start..end], points(size), false);
        x += run.iter().map(|(_, _, it)| size.scaled(it.advance, it.units_per_em)).sum();
    }
}

/// A letter's width as a part of the size.
fn em(letter: &Letter) -> f32 {
    let advance = u16::try_from(letter.advance).unwrap_or(u16::MAX);
    f32::from(advance) / f32::from(letter.units_per_em.max(1))
}

/// The structure, from the last part to the first, so that children are there before their parents.
fn tags(flow: &Flow<'_>, mut leaves: Vec<Vec<Identifier>>) -> TagTree {
    let mut children: Vec<Vec<TagGroup>> = std::iter::repeat_with(Vec::new).take(flow.nodes.len()).collect();
    let mut roots = Vec::new();
    for (index, node) in flow.nodes.iter().enumerate().rev() {
        let mut group = TagGroup::new(kind(&node.meaning));
        for leaf in std::mem::take(&mut leaves[index]) {
            group.push(leaf);
        }
        for child in std::mem::take(&mut children[index]).into_iter().rev() {
            group.push(child);
        }
        match node.parent {
            Some(parent) => children[parent].push(group),
            None => roots.push(group),
        }
    }
    let mut tree = TagTree::new().with_lang(Some(LANGUAGE.to_owned()));
    for root in roots.into_iter().rev() {
        tree.push(root);
    }
    tree
}

fn kind(meaning: &Meaning) -> TagKind {
    match meaning {
        Meaning::Heading(level, title) => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone())).into()
        }
        Meaning::Paragraph => Tag::P.into(),
        Meaning::Table => Tag::Table.into(),
        Meaning::Head => Tag::THead.into(),
        Meaning::Body => Tag::TBody.into(),
        Meaning::Row => Tag::TR.into(),
        Meaning::Header => Tag::TH(TableHeaderScope::Column).into(),
        Meaning::Cell => Tag::TD.into(),
        Meaning::Figure(words) => Tag::Figure(Some(words.clone())).into(),
    }
}

/// One entry a section.
fn outline(flow: &Flow<'_>) -> Outline {
    let mut outline = Outline::new();
    for mark in &flow.marks {
        let target = XyzDestination::new(mark.page, Point::from_xy(0.0, points(mark.y)));
        outline.push_child(OutlineNode::new(format!("{} {}", mark.title.zh, mark.title.en), target));
    }
    outline
}

fn metadata(document: &Document<'_>) -> Metadata {
    let title = format!("{} {} · {}", document.title.zh, document.title.en, document.short);
    let date = document.made_on.civil();
    let made_on = DateTime::new(date.year().unsigned_abs())
        .month(date.month().unsigned_abs())
        .day(date.day().unsigned_abs());
    Metadata::new()
        .title(title)
        .authors(vec![document.centre.zh.clone()])
        .creator("tongclear".to_owned())
        .language(LANGUAGE.to_owned())
        .creation_date(made_on)
}
