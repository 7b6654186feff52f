use std::io::{IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use super::DIM;

/// A status right after unfinished text on a terminal's line, taken away before more text is written; nothing where there is no terminal.
///
/// The cursor stays where the text goes on. A status that is too long for the line is cut off by the terminal, so it never begins another.
pub(crate) struct Tail {
    possible: bool,
    shown: bool,
}

/// Saves the cursor and lets nothing wrap.
const BEGIN: &str = "\x1b7\x1b[?7l";
/// Lets lines wrap again and restores the cursor.
const END: &str = "\x1b[?7h\x1b8";
/// Clears the line from the cursor on.
const CLEAR: &str = "\x1b[K";

impl Tail {
    /// One that follows what is written to standard output, if that is a terminal that knows control sequences.
    pub(crate) fn of_standard_output() -> Tail {
        let output = std::io::stdout();
        Tail {
            possible: output.is_terminal() && AutoStream::choice(&output) != ColorChoice::Never,
            shown: false,
        }
    }

    /// Shows a status in place of the one before.
    pub(crate) fn show(&mut self, status: &str) {
        self.hide();
        if self.possible {
            write(&format!("{BEGIN}  {DIM}{status}{DIM:#}{END}"));
            self.shown = true;
        }
    }

    /// Takes the status away.
    pub(crate) fn hide(&mut self) {
        if std::mem::take(&mut self.shown) {
            write(CLEAR);
        }
    }
}

/// A terminal that takes no status is no reason to end the work.
fn write(text: &str) {
    let mut output = std::io::stdout();
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}
