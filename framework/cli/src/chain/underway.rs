use std::path::{Path, PathBuf};

use opml_commit::Root;
use opml_player::{Account, Asked};
use serde::{Deserialize, Serialize};

use super::KEPT;
use crate::failure::Failure;
use crate::report::from_hex;
use crate::whole_file::WholeFile;

/// A task on a lasting chain that is not over: what is needed to go on with it after the program was stopped.
pub(crate) struct Underway(PathBuf);

#[derive(Serialize, Deserialize)]
struct Kept {
    model: String,
    task: String,
    block: u64,
}

impl Underway {
    /// The place of the spec called `name` for this requester and service.
    pub(crate) fn of(name: &str, service: &Account, requester: &Account) -> Underway {
        Underway(Path::new(KEPT).join(format!("{name}-{service}-{requester}.task.json")))
    }

    /// The task that an earlier run asked for and did not bring to its end.
    pub(crate) fn task(&self) -> Result<Option<Asked>, Failure> {
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::unreadable("task that is underway", &self.0, error)),
        };
        let damaged = || {
            Failure::user(format!("{} does not name a task", self.0.display()))
                .help("move it away to ask anew; the task that it named still stands on the chain")
        };
        let kept: Kept = serde_json::from_str(&text).map_err(|_| damaged())?;
        let root = |text: &str| from_hex(text).and_then(|bytes| Root::from_slice(&bytes));
        match (root(&kept.model), root(&kept.task)) {
            (Some(model), Some(task)) => Ok(Some(Asked {
                model,
                task,
                block: kept.block,
            })),
            _ => Err(damaged()),
        }
    }

    /// Keeps the task until it is over.
    pub(crate) fn keep(&self, asked: &Asked) -> Result<(), Failure> {
        let kept = Kept {
            model: asked.model.to_string(),
            task: asked.task.to_string(),
            block: asked.block,
        };
        let text = serde_json::to_string(&kept).map_err(Failure::other)?;
        let written = std::fs::create_dir_all(KEPT)
            .and_then(|()| WholeFile::create(&self.0))
            .and_then(|mut file| {
                writeln!(file.writer(), "{text}")?;
                file.place()
            });
        written
            .map(|_| ())
            .map_err(|error| Failure::other(format!("cannot keep the task in {}: {error}", self.0.display())))
    }

    /// The task is over.
    pub(crate) fn is_over(&self) {
        // What is left behind names a task that is over; the next run sees that and asks anew.
        let _ = std::fs::remove_file(&self.0);
    }
}
