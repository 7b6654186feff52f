use opml_commit::Root;

use crate::RuleError;

/// Reads a packed payload off the front.
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
        let short = self.refuse("the payload is too short");
        let (part, rest) = self.rest.split_at_checked(bytes).ok_or(short)?;
        self.rest = rest;
        Ok(part)
    }

    pub(super) fn number(&mut self) -> Result<u64, RuleError> {
        let bytes = self.take(8)?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub(super) fn root(&mut self) -> Result<Root, RuleError> {
        let bytes = self.take(32)?;
        Root::from_slice(bytes).ok_or_else(|| self.refuse("the payload is too short"))
    }

    pub(super) fn roots(&mut self, count: u8) -> Result<Vec<Root>, RuleError> {
        (0..count).map(|_| self.root()).collect()
    }

    pub(super) fn finish(&self) -> Result<(), RuleError> {
        match self.rest.len() {
            0 => Ok(()),
            surplus => Err(self.refuse(format!("{surplus} bytes follow the payload"))),
        }
    }
}
