//! Real taps: terminals of every sector through the real pcscd, cards that are torn out, programs that are killed; what they
//! sealed is taken in, cleared, and held against what happened on the cards.

mod campaign;
mod cards;
mod commands;
mod exchange;
mod stand;
