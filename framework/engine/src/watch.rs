/// Steps that a run executes between two times that it asks its watch. A shorter run never asks.
pub const WATCHED_STEPS: u64 = 1 << 24;

/// Hears how far a long run has come, and may end it.
pub trait RunWatch: Send + Sync {
    /// Whether the run, which has executed `steps` steps in all, shall go on; if not, it fails with
    /// [`StageError::Cancelled`](crate::StageError::Cancelled).
    fn goes_on(&self, steps: u64) -> bool;

    /// The run, which asked before, has got where it was to go, or failed; it has executed `steps` steps in all.
    fn rests(&self, steps: u64);
}
