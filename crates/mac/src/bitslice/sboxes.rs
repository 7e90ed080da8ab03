//! The S-boxes of DES as circuits, 428 gates in all, each gate 64 lanes at once.
//!
//! Printed by `examples/sbox_circuits.rs` with 600 restarts; do not edit. Inputs and outputs are in
//! the order of FIPS 46-3, the first bit first.

/// S1, 58 gates.
#[rustfmt::skip]
#[inline(always)]
pub(crate) fn s1([a, b, c, d, e, f]: [u64; 6]) -> [u64; 4] {
    let g6 = !c; let g7 = d ^ a; let g8 = g7 & !f; let g9 = g6 ^ g8; let g10 = f ^ c; let g11 = g8 | c;
    let g12 = g11 & !d; let g13 = g10 ^ g12; let g14 = g13 & a; let g15 = d ^ g14; let g16 = g15 & !e; let g17 = g9 ^ g16;
    let g18 = d | c; let g19 = g18 | g13; let g20 = g7 ^ g6; let g21 = g15 & !f; let g22 = g20 ^ g21; let g23 = g22 & e;
    let g24 = g19 ^ g23; let g25 = g24 & !b; let g26 = g17 ^ g25; let g27 = g19 ^ g8; let g28 = g27 & e; let g29 = g7 ^ g28;
    let g30 = g10 & !g15; let g31 = g30 ^ g16; let g32 = g31 & c; let g33 = g29 ^ g32; let g34 = g9 & !g21; let g35 = g34 ^ g27;
    let g36 = g26 & a; let g37 = g36 ^ g7; let g38 = g37 & e; let g39 = g35 ^ g38; let g40 = g39 & !b; let g41 = g33 ^ g40;
    let g42 = g39 & !g23; let g43 = g29 & g10; let g44 = g43 ^ g17; let g45 = g44 & a; let g46 = g42 ^ g45; let g47 = g28 ^ g26;
    let g48 = g47 | g33; let g49 = f | e; let g50 = g49 & g9; let g51 = g50 & a; let g52 = g48 ^ g51; let g53 = g52 & !b;
    let g54 = g46 ^ g53; let g55 = g33 ^ g9; let g56 = g55 ^ g42; let g57 = g39 ^ g15; let g58 = g57 ^ g46; let g59 = g58 & d;
    let g60 = g56 ^ g59; let g61 = g22 | g7; let g62 = g61 & !b; let g63 = g60 ^ g62;
    [g63, g41, g26, g54]
}

/// S2, 54 gates.
#[rustfmt::skip]
#[inline(always)]
pub(crate) fn s2([a, b, c, d, e, f]: [u64; 6]) -> [u64; 4] {
    let g6 = e ^ a; let g7 = b & !f; let g8 = g6 ^ g7; let g9 = f ^ b; let g10 = b & a; let g11 = g10 | f;
    let g12 = g11 & e; let g13 = g9 ^ g12; let g14 = g13 & !c; let g15 = g8 ^ g14; let g16 = !g13; let g17 = e & c;
    let g18 = g17 ^ g9; let g19 = g18 & f; let g20 = g16 ^ g19; let g21 = g20 & !d; let g22 = g15 ^ g21; let g23 = g19 ^ g8;
    let g24 = e | b; let g25 = g24 ^ g12; let g26 = g25 & !a; let g27 = g23 ^ g26; let g28 = a & !g11; let g29 = g24 & !g28;
    let g30 = g29 & !d; let g31 = g27 ^ g30; let g32 = g20 | a; let g33 = g32 & !c; let g34 = g31 ^ g33; let g35 = e | d;
    let g36 = g35 ^ g23; let g37 = g31 ^ c; let g38 = g37 | g13; let g39 = g38 & a; let g40 = g36 ^ g39; let g41 = g33 ^ g15;
    let g42 = g36 | g18; let g43 = g42 ^ g21; let g44 = g43 & e; let g45 = g41 ^ g44; let g46 = g45 & !f; let g47 = g40 ^ g46;
    let g48 = g28 | g8; let g49 = b ^ a; let g50 = g49 | g37; let g51 = g50 & c; let g52 = g48 ^ g51; let g53 = g47 | g6;
    let g54 = g53 ^ g10; let g55 = g47 & e; let g56 = g55 & c; let g57 = g54 ^ g56; let g58 = g57 & !d; let g59 = g52 ^ g58;
    [g34, g22, g59, g47]
}

/// S3, 55 gates.
#[rustfmt::skip]
#[inline(always)]
pub(crate) fn s3([a, b, c, d, e, f]: [u64; 6]) -> [u64; 4] {
    let g6 = b ^ a; let g7 = g6 ^ f; let g8 = b & !a; let g9 = g8 & !c; let g10 = g9 & !f; let g11 = c ^ g10;
    let g12 = g11 & !e; let g13 = g7 ^ g12; let g14 = f & !b; let g15 = g14 ^ g9; let g16 = !f; let g17 = f & a;
    let g18 = g17 & !c; let g19 = g16 ^ g18; let g20 = g19 & e; let g21 = g15 ^ g20; let g22 = g21 & d; let g23 = g13 ^ g22;
    let g24 = g7 ^ c; let g25 = a & !g14; let g26 = g25 & !g18; let g27 = g26 & !d; let g28 = g24 ^ g27; let g29 = g13 | g6;
    let g30 = g15 ^ d; let g31 = g30 & !a; let g32 = g29 ^ g31; let g33 = g32 & !e; let g34 = g28 ^ g33; let g35 = e ^ d;
    let g36 = g35 ^ g16; let g37 = g20 | b; let g38 = g37 & c; let g39 = g36 ^ g38; let g40 = g35 | g29; let g41 = g20 ^ b;
    let g42 = g41 & !g34; let g43 = g42 & !d; let g44 = g40 ^ g43; let g45 = g44 & !a; let g46 = g39 ^ g45; let g47 = g24 & !g31;
    let g48 = g46 & !b; let g49 = g47 ^ g48; let g50 = g8 | g7; let g51 = g50 | g27; let g52 = g51 & !e; let g53 = g49 ^ g52;
    let g54 = g23 & !g19; let g55 = g6 & !g45; let g56 = g55 ^ g30; let g57 = g56 & !e; let g58 = g54 ^ g57; let g59 = g58 & !c;
    let g60 = g53 ^ g59;
    [g46, g23, g60, g34]
}

/// S4, 41 gates.
#[rustfmt::skip]
#[inline(always)]
pub(crate) fn s4([a, b, c, d, e, f]: [u64; 6]) -> [u64; 4] {
    let g6 = !d; let g7 = c & !e; let g8 = g6 ^ g7; let g9 = e & !c; let g10 = g9 | d; let g11 = g10 & !a;
    let g12 = g8 ^ g11; let g13 = c ^ a; let g14 = g13 ^ g11; let g15 = g8 & !g11; let g16 = g15 & !e; let g17 = g14 ^ g16;
    let g18 = g17 & b; let g19 = g12 ^ g18; let g20 = g6 & !g13; let g21 = g20 | g9; let g22 = g20 | g15; let g23 = g22 ^ g10;
    let g24 = g23 & !b; let g25 = g21 ^ g24; let g26 = g25 & !f; let g27 = g19 ^ g26; let g28 = g12 | b; let g29 = g28 ^ g25;
    let g30 = g24 & !e; let g31 = g29 ^ g30; let g32 = g12 ^ b; let g33 = g32 ^ g30; let g34 = g33 & d; let g35 = g31 ^ g34;
    let g36 = g32 & !g11; let g37 = g33 & g13; let g38 = g37 | g18; let g39 = g38 & d; let g40 = g36 ^ g39; let g41 = g40 & f;
    let g42 = g35 ^ g41; let g43 = g25 ^ f; let g44 = g43 ^ g27; let g45 = g40 ^ f; let g46 = g45 ^ g42;
    [g42, g46, g44, g27]
}

/// S5, 58 gates.
#[rustfmt::skip]
#[inline(always)]
pub(crate) fn s5([a, b, c, d, e, f]: [u64; 6]) -> [u64; 4] {
    let g6 = f ^ d; let g7 = f ^ c; let g8 = g7 | d; let g9 = g8 & !b; let g10 = g6 ^ g9; let g11 = g8 ^ a;
    let g12 = g11 | c; let g13 = g12 & !e; let g14 = g10 ^ g13; let g15 = e & !g8; let g16 = g15 ^ c; let g17 = g12 ^ d;
    let g18 = g17 & b; let g19 = g16 ^ g18; let g20 = g19 & !a; let g21 = g14 ^ g20; let g22 = e | c; let g23 = g22 ^ g11;
    let g24 = g21 ^ f; let g25 = g24 | g13; let g26 = g25 & !b; let g27 = g23 ^ g26; let g28 = g21 | d; let g29 = g23 | g18;
    let g30 = g29 & !c; let g31 = g28 ^ g30; let g32 = g20 & !e; let g33 = g31 ^ g32; let g34 = g33 & !f; let g35 = g27 ^ g34;
    let g36 = g19 & g17; let g37 = g27 ^ b; let g38 = g37 & !a; let g39 = g36 ^ g38; let g40 = g27 & !g19; let g41 = g40 ^ g17;
    let g42 = g41 & f; let g43 = g39 ^ g42; let g44 = !g9; let g45 = g44 & !d; let g46 = g27 ^ g45; let g47 = g9 ^ c;
    let g48 = g47 & f; let g49 = g46 ^ g48; let g50 = g49 & e; let g51 = g43 ^ g50; let g52 = g44 ^ g18; let g53 = g52 | g40;
    let g54 = g19 & !f; let g55 = g54 & !a; let g56 = g53 ^ g55; let g57 = f | b; let g58 = g57 & !g35; let g59 = g36 | g14;
    let g60 = g59 & a; let g61 = g58 ^ g60; let g62 = g61 & !e; let g63 = g56 ^ g62;
    [g51, g21, g63, g35]
}

/// S6, 55 gates.
#[rustfmt::skip]
#[inline(always)]
pub(crate) fn s6([a, b, c, d, e, f]: [u64; 6]) -> [u64; 4] {
    let g6 = e | a; let g7 = g6 ^ b; let g8 = e ^ a; let g9 = g8 & c; let g10 = g7 ^ g9; let g11 = g7 | c;
    let g12 = g11 ^ g8; let g13 = g12 & !d; let g14 = g10 ^ g13; let g15 = g11 | d; let g16 = g11 ^ d; let g17 = d & !e;
    let g18 = g17 & b; let g19 = g16 ^ g18; let g20 = g19 & !a; let g21 = g15 ^ g20; let g22 = g21 & f; let g23 = g14 ^ g22;
    let g24 = !g12; let g25 = e | c; let g26 = g25 & !d; let g27 = g24 ^ g26; let g28 = g17 ^ g6; let g29 = g28 | g14;
    let g30 = g20 & c; let g31 = g30 ^ g9; let g32 = g31 & b; let g33 = g29 ^ g32; let g34 = g33 & f; let g35 = g27 ^ g34;
    let g36 = d ^ c; let g37 = g36 ^ g12; let g38 = g25 & g8; let g39 = g38 ^ g20; let g40 = g39 & b; let g41 = g37 ^ g40;
    let g42 = g27 | g14; let g43 = g42 ^ g33; let g44 = g19 & !g9; let g45 = g44 & !g43; let g46 = g45 & !a; let g47 = g43 ^ g46;
    let g48 = g47 & f; let g49 = g41 ^ g48; let g50 = g21 ^ b; let g51 = g50 ^ g37; let g52 = g46 & !d; let g53 = g51 ^ g52;
    let g54 = g47 ^ g6; let g55 = g54 | g26; let g56 = a & !g27; let g57 = g56 & !b; let g58 = g55 ^ g57; let g59 = g58 & !f;
    let g60 = g53 ^ g59;
    [g35, g60, g49, g23]
}

/// S7, 55 gates.
#[rustfmt::skip]
#[inline(always)]
pub(crate) fn s7([a, b, c, d, e, f]: [u64; 6]) -> [u64; 4] {
    let g6 = d ^ b; let g7 = c & !f; let g8 = g6 ^ g7; let g9 = f | d; let g10 = d ^ c; let g11 = g10 & !b;
    let g12 = g9 ^ g11; let g13 = g12 & e; let g14 = g8 ^ g13; let g15 = g12 | e; let g16 = g13 | g11; let g17 = g16 & !f;
    let g18 = g15 ^ g17; let g19 = g14 | f; let g20 = g19 & b; let g21 = g20 & !c; let g22 = g18 ^ g21; let g23 = g22 & !a;
    let g24 = g14 ^ g23; let g25 = g16 ^ g10; let g26 = g25 ^ g22; let g27 = g25 & g20; let g28 = g27 ^ a; let g29 = g28 & a;
    let g30 = g26 ^ g29; let g31 = g24 ^ a; let g32 = g31 | g7; let g33 = g32 & d; let g34 = g17 ^ g33; let g35 = g34 & !e;
    let g36 = g30 ^ g35; let g37 = g21 ^ g12; let g38 = g37 ^ g35; let g39 = g18 & !g8; let g40 = g39 & d; let g41 = g38 ^ g40;
    let g42 = f & e; let g43 = g42 ^ g27; let g44 = g43 & c; let g45 = g15 ^ g44; let g46 = g45 & !a; let g47 = g41 ^ g46;
    let g48 = g22 ^ g14; let g49 = d & !c; let g50 = b & !g49; let g51 = g50 & f; let g52 = g48 ^ g51; let g53 = !g12;
    let g54 = g8 & b; let g55 = g53 ^ g54; let g56 = g36 ^ g6; let g57 = g56 & d; let g58 = g55 ^ g57; let g59 = g58 & !a;
    let g60 = g52 ^ g59;
    [g24, g60, g47, g36]
}

/// S8, 52 gates.
#[rustfmt::skip]
#[inline(always)]
pub(crate) fn s8([a, b, c, d, e, f]: [u64; 6]) -> [u64; 4] {
    let g6 = f ^ d; let g7 = !b; let g8 = g7 & c; let g9 = g6 ^ g8; let g10 = g7 | d; let g11 = g10 ^ c;
    let g12 = g11 & !e; let g13 = g9 ^ g12; let g14 = g7 & !c; let g15 = g10 & !e; let g16 = g14 ^ g15; let g17 = e & !c;
    let g18 = g9 & d; let g19 = g17 ^ g18; let g20 = g19 & !f; let g21 = g16 ^ g20; let g22 = g21 & a; let g23 = g13 ^ g22;
    let g24 = e ^ a; let g25 = g24 ^ g11; let g26 = g16 | a; let g27 = g26 ^ g9; let g28 = g27 & !e; let g29 = g25 ^ g28;
    let g30 = g23 ^ b; let g31 = g30 ^ g28; let g32 = g22 ^ g12; let g33 = g32 & d; let g34 = g31 ^ g33; let g35 = g34 & f;
    let g36 = g29 ^ g35; let g37 = g30 & !g32; let g38 = g37 ^ g26; let g39 = g21 & !g35; let g40 = g39 ^ d; let g41 = g40 & c;
    let g42 = g38 ^ g41; let g43 = g42 ^ g27; let g44 = g38 | g36; let g45 = g44 ^ a; let g46 = g45 & f; let g47 = g43 ^ g46;
    let g48 = g47 & e; let g49 = g42 ^ g48; let g50 = g29 ^ e; let g51 = b & !g22; let g52 = g51 ^ g27; let g53 = g31 & !g19;
    let g54 = g53 & d; let g55 = g52 ^ g54; let g56 = g55 & !f; let g57 = g50 ^ g56;
    [g57, g23, g49, g36]
}
