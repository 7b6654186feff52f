//! One file a subcommand.

mod convert;
mod evaluate;
mod plugins;
mod verify;

pub(crate) use convert::convert;
pub(crate) use evaluate::evaluate;
pub(crate) use plugins::plugins;
pub(crate) use verify::verify;
