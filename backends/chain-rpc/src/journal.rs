use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use opml_commit::Root;
use opml_player::Account;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file system refuses.
    #[error("cannot use the journal {}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not a journal.
    #[error("the journal {} cannot be read: {reason}; it tells what was sent and not yet confirmed: mend it or move it away", path.display())]
    Parse {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Somebody else uses it.
    #[error("the journal {} is in use: another program sends for {account}", path.display())]
    InUse {
        /// Which file.
        path: PathBuf,
        /// Whose it is.
        account: Account,
    },
}

/// One signed form of a transaction; a replacement has another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) hash: String,
    pub(crate) raw: String,
    pub(crate) most_fee: u128,
    pub(crate) tip: u128,
}

/// A transaction that was, or was about to be, sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) nonce: u64,
    /// What it does: a hash of receiver, value and data.
    pub(crate) intent: String,
    pub(crate) gas_limit: u64,
    /// Oldest first.
    pub(crate) versions: Vec<Version>,
    /// The block that was seen to hold it, enough others on top.
    pub(crate) settled: Option<u64>,
}

#[derive(Default, Serialize, Deserialize)]
struct Pages {
    entries: Vec<Entry>,
}

/// What an account sent: everything that is not yet deep in the chain. On disk before it is on the wire.
pub(crate) struct Journal {
    place: Option<(PathBuf, File)>,
    pages: Pages,
}

impl Journal {
    /// A journal that ends with the process.
    pub(crate) fn in_memory() -> Journal {
        Journal {
            place: None,
            pages: Pages::default(),
        }
    }

    /// The journal of an account on the chain with this id and this first block.
    pub(crate) fn open(folder: &Path, chain: u64, genesis: &Root, account: &Account) -> Result<Journal, JournalError> {
        let genesis = &genesis.to_string()[2..10];
        let path = folder.join(format!("transactions-{chain}-{genesis}-{account}.json"));
        let failed = |source| JournalError::Io {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = File::create(path.with_extension("lock")).map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => JournalError::InUse {
                path: path.clone(),
                account: *account,
            },
            fs::TryLockError::Error(source) => failed(source),
        })?;
        let pages = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| JournalError::Parse {
                path: path.clone(),
                reason: error.to_string(),
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Pages::default(),
            Err(error) => return Err(failed(error)),
        };
        Ok(Journal {
            place: Some((path, lock)),
            pages,
        })
    }

    /// The entry that does this and is not known to be included.
    pub(crate) fn open_entry(&self, intent: &str) -> Option<&Entry> {
        let mut open = self.pages.entries.iter().filter(|entry| entry.settled.is_none());
        open.find(|entry| entry.intent == intent)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.pages.entries
    }

    /// The nonce after all that is kept.
    pub(crate) fn next_nonce(&self) -> u64 {
        self.pages
            .entries
            .iter()
            .map(|entry| entry.nonce + 1)
            .max()
            .unwrap_or(0)
    }

    /// Keeps an entry, in the place of one with its nonce.
    pub(crate) fn keep(&mut self, entry: Entry) -> Result<(), JournalError> {
        self.pages.entries.retain(|kept| kept.nonce != entry.nonce);
        self.pages.entries.push(entry);
        self.pages.entries.sort_by_key(|entry| entry.nonce);
        self.write()
    }

    /// Forgets an entry.
    pub(crate) fn forget(&mut self, nonce: u64) -> Result<(), JournalError> {
        self.pages.entries.retain(|kept| kept.nonce != nonce);
        self.write()
    }

    /// Forgets what settled before this block.
    pub(crate) fn prune(&mut self, before: u64) -> Result<(), JournalError> {
        let held = self.pages.entries.len();
        self.pages
            .entries
            .retain(|entry| entry.settled.is_none_or(|block| block >= before));
        match held == self.pages.entries.len() {
            true => Ok(()),
            false => self.write(),
        }
    }

    fn write(&self) -> Result<(), JournalError> {
        let Some((path, _)) = &self.place else {
            return Ok(());
        };
        let write = || -> io::Result<()> {
            let folder = path.parent().unwrap_or(Path::new("."));
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&mut file, &self.pages)?;
            file.flush()?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|source| JournalError::Io {
            path: path.clone(),
            source,
        })
    }
}
