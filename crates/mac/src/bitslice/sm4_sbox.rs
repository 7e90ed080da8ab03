//! The S-box of SM4 as a circuit, 122 gates, each gate 64 lanes at once.
//!
//! Printed by `examples/sm4_circuit.rs` with 1 restarts; do not edit. The highest bit is the first.

/// The S-box of SM4, 122 gates.
#[rustfmt::skip]
#[inline(always)]
pub(crate) fn sbox([a, b, c, d, e, f, g, h]: [u64; 8]) -> [u64; 8] {
    let g8 = h ^ d; let g9 = f ^ b; let g10 = e ^ c; let g11 = g8 ^ g; let g12 = g11 ^ a; let g13 = g9 ^ g;
    let g14 = g8 ^ a; let g15 = d ^ a; let g16 = g15 ^ c; let g17 = g11 ^ f; let g18 = g14 ^ e; let g19 = g10 ^ h;
    let g20 = g10 ^ a; let g21 = g13 ^ h; let g22 = g11 ^ g9; let g23 = g12 ^ g10; let g24 = g19 ^ g; let g25 = g20 ^ g9;
    let g26 = g12 ^ b; let g27 = g17 ^ g10; let g28 = g9 ^ g8; let g29 = g18 ^ g9; let g30 = g16 ^ g13; let g31 = g9 & !g25;
    let g32 = g13 & !g26; let g33 = g27 & g; let g34 = g22 & g29; let g35 = g30 & !b; let g36 = g24 & !g17; let g37 = g18 & !g23;
    let g38 = g12 & g16; let g39 = g19 & !g10; let g40 = g36 ^ g35; let g41 = g35 ^ g34; let g42 = g38 ^ g37; let g43 = g40 ^ g39;
    let g44 = c ^ g31; let g45 = g42 ^ g41; let g46 = g41 ^ g33; let g47 = g43 ^ f; let g48 = g46 ^ g21; let g49 = g48 ^ g32;
    let g50 = g45 ^ g28; let g51 = g44 ^ g40; let g52 = g51 ^ g33; let g53 = g47 ^ g38; let g54 = !g53; let g55 = g49 & g50;
    let g56 = g54 ^ g55; let g57 = g49 ^ g50; let g58 = g57 | g53; let g59 = g58 & !g52; let g60 = g56 ^ g59; let g61 = g50 & !g52;
    let g62 = g56 ^ g50; let g63 = g62 & !g53; let g64 = g61 ^ g63; let g65 = g56 & g52; let g66 = g65 ^ g49; let g67 = g58 & !g50;
    let g68 = g66 ^ g67; let g69 = g68 ^ g64; let g70 = g54 | g52; let g71 = g70 & !g67; let g72 = g68 ^ g60; let g73 = g72 ^ g71;
    let g74 = g73 ^ g69; let g75 = g71 ^ g64; let g76 = g75 & !g25; let g77 = g71 & !g26; let g78 = g64 & g27; let g79 = g60 & g22;
    let g80 = g72 & !b; let g81 = g68 & !g17; let g82 = g74 & !g23; let g83 = g73 & g12; let g84 = g69 & !g10; let g85 = g75 & g9;
    let g86 = g71 & g13; let g87 = g64 & g; let g88 = g60 & g29; let g89 = g72 & g30; let g90 = g68 & g24; let g91 = g74 & g18;
    let g92 = g73 & g16; let g93 = g69 & g19; let g94 = g92 ^ g80; let g95 = g94 ^ g78; let g96 = g84 ^ g81; let g97 = g91 ^ g86;
    let g98 = g82 ^ g77; let g99 = g97 ^ g87; let g100 = g91 ^ g89; let g101 = g93 ^ g85; let g102 = g98 ^ g95; let g103 = g90 ^ g89;
    let g104 = g87 ^ g76; let g105 = g102 ^ g96; let g106 = g100 ^ g88; let g107 = g103 ^ g77; let g108 = g99 ^ g83; let g109 = g98 ^ g84;
    let g110 = g93 ^ g79; let g111 = g106 ^ g92; let g112 = g109 ^ g85; let g113 = g107 ^ g95; let g114 = g104 ^ g103; let g115 = g113 ^ g110;
    let g116 = g106 ^ g105; let g117 = g105 ^ g99; let g118 = g104 ^ g81; let g119 = g96 ^ g94; let g120 = g101 ^ g97; let g121 = g118 ^ g95;
    let g122 = g119 ^ g108; let g123 = g114 ^ g112; let g124 = g121 ^ g101; let g125 = !g120; let g126 = !g115; let g127 = !g117;
    let g128 = !g116; let g129 = !g124;
    [g125, g126, g122, g127, g111, g123, g128, g129]
}
