/// When a machine's code is translated; the results are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Translation {
    /// Where a long run spends its time.
    #[default]
    WhenHot,
    /// Everywhere and from the first step on, whatever it costs.
    AtOnce,
    /// Nowhere: the interpreter does all of it.
    Never,
}

impl Translation {
    /// The fewest steps of a run for which the memory is mapped.
    pub(super) fn least_steps(self) -> u64 {
        match self {
            Translation::WhenHot => 1 << 20,
            Translation::AtOnce => 0,
            Translation::Never => u64::MAX,
        }
    }
}
