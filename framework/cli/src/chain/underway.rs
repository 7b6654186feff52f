use std::path::{Path, PathBuf};

use opml_commit::Root;
use opml_player::{Account, Asked};
use serde::{Deserialize, Serialize};

use super::KEPT;
use crate::failure::Failure;
use crate::report::from_hex;
use crate::whole_file::WholeFile;

/// A task on a lasting chain that is not over: what is needed to ask for it once, and to go on with it, after the program was stopped.
pub(crate) struct Underway(PathBuf);

#[derive(Serialize, Deserialize)]
struct Kept {
    /// When it was first begun: with it, a request that is made again is the same request.
    begun: u64,
    /// The task, once it was asked for.
    asked: Option<KeptTask>,
}

#[derive(Serialize, Deserialize)]
struct KeptTask {
    model: String,
    task: String,
    block: u64,
}

impl Underway {
    /// The place of the spec called `name` for this requester and service.
    pub(crate) fn of(name: &str, service: &Account, requester: &Account) -> Underway {
        Underway(Path::new(KEPT).join(format!("{name}-{service}-{requester}.task.json")))
    }

    /// When the task was begun: by an earlier run that did not bring it to its end, or now. That is kept before anything is sent.
    /// Results may be posted for `posting_time` seconds from then on.
    pub(crate) fn begin(&self, now: u64, posting_time: u64) -> Result<u64, Failure> {
        match self.read()? {
            Some(Kept { begun, asked: None }) if now >= begun.saturating_add(posting_time) => {
                Err(Failure::user(format!(
                    "{} was begun so long ago that no result may be posted any more",
                    self.0.display()
                ))
                .help("move it away to ask anew; if its request was sent, the service's `refund`, which anybody may call, gives the fee back"))
            }
            Some(kept) => Ok(kept.begun),
            None => self
                .write(&Kept {
                    begun: now,
                    asked: None,
                })
                .map(|()| now),
        }
    }

    /// The task that an earlier run asked for and did not bring to its end.
    pub(crate) fn task(&self) -> Result<Option<Asked>, Failure> {
        let Some(kept) = self.read()?.and_then(|kept| kept.asked) else {
            return Ok(None);
        };
        let root = |text: &str| from_hex(text).and_then(|bytes| Root::from_slice(&bytes));
        match (root(&kept.model), root(&kept.task)) {
            (Some(model), Some(task)) => Ok(Some(Asked {
                model,
                task,
                block: kept.block,
            })),
            _ => Err(self.damaged()),
        }
    }

    /// Keeps the task until it is over.
    pub(crate) fn keep(&self, begun: u64, asked: &Asked) -> Result<(), Failure> {
        let asked = KeptTask {
            model: asked.model.to_string(),
            task: asked.task.to_string(),
            block: asked.block,
        };
        self.write(&Kept {
            begun,
            asked: Some(asked),
        })
    }

    /// The task is over.
    pub(crate) fn is_over(&self) {
        // What is left behind names a task that is over; the next run sees that and asks anew.
        let _ = std::fs::remove_file(&self.0);
    }

    fn read(&self) -> Result<Option<Kept>, Failure> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) => serde_json::from_str(&text).map(Some).map_err(|_| self.damaged()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::unreadable("task that is underway", &self.0, error)),
        }
    }

    fn write(&self, kept: &Kept) -> Result<(), Failure> {
        let text = serde_json::to_string(kept).map_err(Failure::other)?;
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

    fn damaged(&self) -> Failure {
        Failure::user(format!("{} does not name a task", self.0.display()))
            .help("move it away to ask anew; the task that it named still stands on the chain")
    }
}
