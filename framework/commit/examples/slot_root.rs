//! Prints the root of the slot that begins with a file's bytes.

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: slot_root FILE");
        return ExitCode::from(2);
    };
    match std::fs::read(&path) {
        Ok(bytes) if (bytes.len() as u64) < opml_commit::SLOT_BYTES => {
            println!("{}", opml_commit::slot_root(&bytes));
            ExitCode::SUCCESS
        }
        Ok(_) => {
            eprintln!("{} does not fit a slot", path.display());
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::from(2)
        }
    }
}
