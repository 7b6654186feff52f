use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use opml_graph::{Host, LogLevel};

/// The host of long work: one progress bar for each kind of work on a terminal, nothing elsewhere; Ctrl-C cancels.
#[derive(Clone)]
pub(crate) struct TerminalHost {
    bars: MultiProgress,
    shown: Arc<Mutex<HashMap<String, ProgressBar>>>,
    cancelled: Arc<AtomicBool>,
    visible: bool,
    threads: usize,
}

impl TerminalHost {
    /// A host that shows bars on standard error when that is a terminal and `quiet` is off. The first Ctrl-C asks the work
    /// to stop, the second ends the program.
    pub(crate) fn new(quiet: bool, threads: usize) -> TerminalHost {
        let cancelled = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&cancelled);
        let handler = ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::SeqCst) {
                std::process::exit(1);
            }
        });
        let visible = !quiet && std::io::stderr().is_terminal();
        let host = TerminalHost {
            bars: MultiProgress::new(),
            shown: Arc::default(),
            cancelled,
            visible,
            threads,
        };
        if let Err(error) = handler {
            host.log(
                LogLevel::Warning,
                &format!("Ctrl-C will end the program at once: {error}"),
            );
        }
        host
    }

    /// Removes all bars.
    pub(crate) fn clear(&self) {
        let mut shown = self.shown.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        shown.drain().for_each(|(_, bar)| bar.finish_and_clear());
    }
}

impl Host for TerminalHost {
    fn log(&self, level: LogLevel, message: &str) {
        if level >= LogLevel::Warning || (level >= LogLevel::Debug && std::env::var_os("OPML_LOG").is_some()) {
            let line = format!(
                "{}: {message}",
                if level == LogLevel::Warning { "warning" } else { "log" }
            );
            self.bars.suspend(|| anstream::eprintln!("{line}"));
        }
    }

    fn progress(&self, what: &str, done: u64, total: u64) {
        if !self.visible {
            return;
        }
        let mut shown = self.shown.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let bar = shown.entry(what.to_string()).or_insert_with(|| {
            let template = match total {
                0 => "  {msg:<28} {human_pos}  {per_sec}",
                _ => "  {msg:<28} {wide_bar} {human_pos}/{human_len}  {eta}",
            };
            let style = ProgressStyle::with_template(template);
            let bar = ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.bars.add(bar.with_message(what.to_string()))
        });
        bar.set_length(total);
        bar.set_position(done);
        if total != 0 && done >= total {
            bar.finish_and_clear();
            shown.remove(what);
        }
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    fn threads(&self) -> usize {
        self.threads
    }
}
