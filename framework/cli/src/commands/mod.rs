//! One file a subcommand.

mod analyse;
mod convert;
mod deploy;
mod evaluate;
mod perplexity;
mod plan;
mod plugins;
mod replay;
mod simulate;
mod verify;

pub(crate) use analyse::analyse;
pub(crate) use convert::convert;
pub(crate) use deploy::deploy;
pub(crate) use evaluate::evaluate;
pub(crate) use perplexity::perplexity;
pub(crate) use plan::plan;
pub(crate) use plugins::plugins;
pub(crate) use replay::replay;
pub(crate) use simulate::simulate;
pub(crate) use verify::verify;
