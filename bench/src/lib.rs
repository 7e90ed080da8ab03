//! Nothing but benches lives here; see `benches/`.
