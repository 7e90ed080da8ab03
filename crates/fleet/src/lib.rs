//! A fleet of collection sites.
