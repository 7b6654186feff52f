use crate::MAX_STEPS;

/// A length that a machine stage may state: `arity^power` steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineLength {
    /// The exponent, as it is sent.
    pub power: u8,
    /// The steps.
    pub steps: u64,
}

/// `arity^power`, when it is at most [`MAX_STEPS`] and the arity at least 2 (any arity, for power 0).
pub fn power_steps(arity: u64, power: u8) -> Option<u64> {
    if power > 0 && arity < 2 {
        return None;
    }
    (0..power).try_fold(1u64, |steps, _| {
        steps.checked_mul(arity).filter(|steps| *steps <= MAX_STEPS)
    })
}

/// The honest length of a run that halts after `halt` steps: the smallest power of the arity that is not less.
pub fn machine_length(arity: u64, halt: u64) -> Option<MachineLength> {
    (0..=40)
        .map_while(|power| power_steps(arity, power).map(|steps| MachineLength { power, steps }))
        .find(|length| length.steps >= halt)
}
