use opml_commit::Root;
use opml_engine::{Run, VmRules, machine_length};

/// Whether a run is the defender's, who knows the end before the first reveal, or a challenger's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Defender,
    Challenger,
}

/// Plays one game of a run of `halt` steps as a party's machine stage does: the opening, every reveal, and the step. `child`
/// names the part that is rejected, given the parts' width, the agreed step and the number of parts. Every revealed root must
/// be `root(step)`.
pub(crate) fn play(
    run: &mut Run,
    rules: &dyn VmRules,
    (side, arity, halt): (Side, u64, u64),
    root: impl Fn(u64) -> Root,
    mut child: impl FnMut(u64, u64, u64) -> u64,
) {
    if side == Side::Defender {
        assert_eq!(run.halt().expect("it halts"), halt);
        let (mut end, _) = run.accepted_end(rules).expect("it ends well");
        assert_eq!(end.root(), root(halt));
        assert_eq!(run.at(0).expect("the entry state").root(), root(0));
    }
    let mut width = machine_length(arity, halt).expect("a game holds it").steps;
    let mut lower = 0;
    while width > 1 {
        let parts = arity.min(width);
        width /= parts;
        let steps: Vec<u64> = (1..parts).map(|part| lower + part * width).collect();
        let expected: Vec<Root> = steps.iter().map(|step| root(*step)).collect();
        assert_eq!(run.roots_at(&steps).expect("the states"), expected);
        lower += width * child(width, lower, parts);
    }
    assert_eq!(run.at(lower).expect("the state before the step").root(), root(lower));
    assert_eq!(
        run.roots_at(&[lower + 1]).expect("the state after it"),
        [root(lower + 1)]
    );
}

/// The parts that lead to `step`.
pub(crate) fn towards(step: u64) -> impl FnMut(u64, u64, u64) -> u64 {
    move |width, lower, parts| (step.saturating_sub(lower) / width).min(parts - 1)
}
