use opml_commit::{ElidedPath, Root};
use opml_engine::RuleError;
use opml_graph::LoopHeader;
use opml_ops::RECORD_BYTES;

use super::RecordWords;

/// Reads a packed big-endian payload off the front; the twin of `Packed.sol`.
pub(super) struct Payload<'a> {
    stage: &'static str,
    rest: &'a [u8],
}

impl<'a> Payload<'a> {
    pub(super) fn new(stage: &'static str, bytes: &'a [u8]) -> Payload<'a> {
        Payload { stage, rest: bytes }
    }

    pub(super) fn refuse(&self, reason: impl Into<String>) -> RuleError {
        RuleError {
            stage: self.stage,
            reason: reason.into(),
        }
    }

    pub(super) fn take(&mut self, bytes: usize) -> Result<&'a [u8], RuleError> {
        let Some((part, rest)) = self.rest.split_at_checked(bytes) else {
            return Err(self.refuse(format!("{bytes} bytes are due, {} are left", self.rest.len())));
        };
        self.rest = rest;
        Ok(part)
    }

    fn number(&mut self, bytes: usize) -> Result<u32, RuleError> {
        let part = self.take(bytes)?;
        Ok(part.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    pub(super) fn u8(&mut self) -> Result<u8, RuleError> {
        self.take(1).map(|part| part[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, RuleError> {
        self.number(2).map(|number| number as u16)
    }

    pub(super) fn u32(&mut self) -> Result<u32, RuleError> {
        self.number(4)
    }

    pub(super) fn root(&mut self) -> Result<Root, RuleError> {
        let part = self.take(32)?;
        Root::from_slice(part).ok_or_else(|| self.refuse("32 bytes are due"))
    }

    /// `count` roots: a path, or the siblings of a multiproof.
    pub(super) fn roots(&mut self, count: usize) -> Result<Vec<Root>, RuleError> {
        (0..count).map(|_| self.root()).collect()
    }

    /// The siblings of heights `from … to − 1` of an elided path.
    pub(super) fn elided(&mut self, from: u8, to: u8) -> Result<Vec<Root>, RuleError> {
        let decoded = ElidedPath::decode(self.rest, from, to);
        let (siblings, rest) = decoded.map_err(|error| self.refuse(error.to_string()))?;
        self.rest = rest;
        Ok(siblings)
    }

    /// A node record, whose words may say anything.
    pub(super) fn record(&mut self) -> Result<RecordWords, RuleError> {
        let bytes = self.take(RECORD_BYTES)?;
        RecordWords::new(self.stage, bytes)
    }

    /// A loop header.
    pub(super) fn loop_header(&mut self) -> Result<LoopHeader, RuleError> {
        let read = LoopHeader::read(self.rest);
        let (header, rest) = read.map_err(|error| self.refuse(error.to_string()))?;
        self.rest = rest;
        Ok(header)
    }

    /// Refuses bytes that nothing has read.
    pub(super) fn finish(&self) -> Result<(), RuleError> {
        match self.rest.len() {
            0 => Ok(()),
            surplus => Err(self.refuse(format!("{surplus} bytes follow the payload"))),
        }
    }
}
