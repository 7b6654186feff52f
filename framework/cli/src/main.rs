//! `opml-run`: converts, runs, posts, disputes, and gets a verdict from the contract.

mod arguments;
mod chain;
mod commands;
mod failure;
mod inference;
mod input;
mod node_by_node;
mod play;
mod prepare;
mod report;
mod terminal;
mod text;
mod token_stream;
mod whole_file;
mod workload;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprintln!("{}error{:#}: {failure}", terminal::BAD, terminal::BAD);
            ExitCode::from(failure.code)
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        Some(Command::Plugins { plugins }) => commands::plugins(&plugins),
        Some(Command::Convert { spec, output, quiet }) => commands::convert(&spec, &output, quiet),
        Some(Command::Verify { model }) => commands::verify(&model),
        Some(Command::Evaluate {
            spec,
            images,
            labels,
            limit,
            quiet,
        }) => commands::evaluate(&spec, &images, &labels, limit, quiet),
        Some(Command::Replay { report, quiet }) => commands::replay(&report, quiet),
        Some(Command::Plan { spec, arguments }) => commands::plan(&spec, &arguments),
        Some(Command::Perplexity(arguments)) => commands::perplexity(&arguments),
        Some(Command::Analyse { spec, arguments }) => commands::analyse(&spec, &arguments),
        Some(Command::Simulate { spec, arguments }) => commands::simulate(&spec, &arguments),
        Some(Command::Deploy(arguments)) => commands::deploy(&arguments),
        Some(Command::Schema) => {
            anstream::print!("{}", opml_pipeline::schema());
            Ok(())
        }
        None => match &arguments.run.spec {
            Some(spec) => play::play(spec, &arguments.run),
            None => Err(Failure::user("no spec was given").help("opml-run --help")),
        },
    }
}
