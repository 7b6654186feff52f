//! The converter of graphs written by hand: operators as they are, integers as they are (`specs/text-graph.md`).

mod assemble;
mod attributes;
mod constants;
mod converter;
mod document;
mod refusal;

pub use converter::TextConverter;
