//! The moves of the dispute game as functions from position to position (`specs/game.md`, Moves).
//!
//! `contracts/src/game/Game.sol` has the same functions in the same order.

use opml_commit::{Root, VectorTree, hash_words, node};

use crate::{MoveError, Opened, Phase, Point, Position, Verdict};

/// What a `narrow` leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterNarrow {
    /// The part's claim begins the next stage.
    Next(Position),
    /// The game is over.
    Over(Winner),
}

/// Who won a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Winner {
    /// The result stands against this challenge.
    Defender,
    /// The result is dead.
    Challenger,
}

/// How many parts a reveal divides the dispute into: the arity, or the width when that is less.
pub fn division(position: &Position, arity: u64) -> u64 {
    arity.min(position.width).max(1)
}

/// The phase that follows: a dispute of width 1 is narrowed, a wider one divided.
fn phase_at(width: u64) -> Phase {
    match width {
        1 => Phase::Narrow,
        _ => Phase::Reveal,
    }
}

fn expect(position: &Position, phase: Phase) -> Result<(), MoveError> {
    match position.phase == phase {
        true => Ok(()),
        false => Err(MoveError::Phase {
            expected: position.phase,
            actual: phase,
        }),
    }
}

/// After an `open` whose payload the stage accepted.
pub fn open(position: &Position, opened: &Opened) -> Result<Position, MoveError> {
    expect(position, Phase::Open)?;
    Ok(Position {
        phase: phase_at(opened.width),
        lower: 0,
        width: opened.width,
        count: opened.count,
        anchor: opened.anchor,
        disputed: opened.disputed,
        absent: opened.absent,
        ..*position
    })
}

/// After a `reveal`. In a vector stage `roots` are the children of the disputed subtree, in the machine stage the states
/// between the agreed and the disputed one.
pub fn reveal(position: &Position, arity: u64, machine: bool, roots: &[Root]) -> Result<Position, MoveError> {
    expect(position, Phase::Reveal)?;
    check_count(position, arity, machine, roots)?;
    if !machine {
        check_children(position, roots)?;
    }
    Ok(Position {
        phase: Phase::Reject,
        children: hash_words(roots),
        ..*position
    })
}

fn check_count(position: &Position, arity: u64, machine: bool, roots: &[Root]) -> Result<(), MoveError> {
    let expected = division(position, arity) - u64::from(machine);
    match roots.len() as u64 == expected {
        true => Ok(()),
        false => Err(MoveError::ChildCount {
            expected,
            actual: roots.len() as u64,
        }),
    }
}

fn check_children(position: &Position, roots: &[Root]) -> Result<(), MoveError> {
    let width = position.width / roots.len().max(1) as u64;
    let absent = (0..width.max(1).ilog2()).fold(position.absent, |below, _| node(&below, &below));
    for (child, root) in (0..).zip(roots) {
        if first_part(position, width, child) >= position.count && *root != absent {
            return Err(MoveError::AbsentChild {
                child,
                expected: absent,
                actual: *root,
            });
        }
    }
    let folded = VectorTree::new(roots.to_vec()).root();
    match folded == position.disputed {
        true => Ok(()),
        false => Err(MoveError::ChildrenMismatch {
            expected: position.disputed,
            actual: folded,
        }),
    }
}

fn first_part(position: &Position, width: u64, child: u64) -> u64 {
    position.lower.saturating_add(width.saturating_mul(child))
}

/// After a `reject`: `roots` are those of the reveal, `child` the first wrong one.
pub fn reject(
    position: &Position,
    arity: u64,
    machine: bool,
    roots: &[Root],
    child: u64,
) -> Result<Position, MoveError> {
    expect(position, Phase::Reject)?;
    let shown = hash_words(roots);
    if shown != position.children {
        return Err(MoveError::ShownMismatch {
            expected: position.children,
            actual: shown,
        });
    }
    check_count(position, arity, machine, roots)?;
    let count = division(position, arity);
    if child >= count {
        return Err(MoveError::ChildOutOfRange { child, count });
    }
    let width = position.width / count;
    let lower = first_part(position, width, child);
    if lower >= position.count {
        return Err(MoveError::PartOutOfRange {
            part: lower,
            count: position.count,
        });
    }
    let place = child as usize;
    let (anchor, disputed) = match machine {
        false => (position.anchor, roots[place]),
        true => (
            *place.checked_sub(1).map_or(&position.anchor, |before| &roots[before]),
            *roots.get(place).unwrap_or(&position.disputed),
        ),
    };
    Ok(Position {
        phase: phase_at(width),
        lower,
        width,
        anchor,
        disputed,
        children: Root::ZERO,
        ..*position
    })
}

/// After a `narrow` whose payload the stage accepted; `stages` is the pipeline's length.
pub fn narrow(position: &Position, stages: usize, verdict: &Verdict) -> Result<AfterNarrow, MoveError> {
    expect(position, Phase::Narrow)?;
    match verdict {
        Verdict::Defender => Ok(AfterNarrow::Over(Winner::Defender)),
        Verdict::Challenger => Ok(AfterNarrow::Over(Winner::Challenger)),
        Verdict::Claim(claim) => match position.stage.checked_add(1) {
            Some(next) if usize::from(next) < stages => Ok(AfterNarrow::Next(Position::start(next, claim.hash()))),
            _ => Err(MoveError::NoFurtherStage { stages }),
        },
    }
}

/// Who wins when the side whose clock runs lets it run out.
pub fn timeout(position: &Position) -> Winner {
    match position.phase {
        Phase::Reject => Winner::Defender,
        Phase::Open | Phase::Reveal | Phase::Narrow => Winner::Challenger,
    }
}

/// What a reveal at this position must show, in order.
pub fn points(position: &Position, arity: u64, machine: bool) -> Vec<Point> {
    let count = division(position, arity);
    let width = (position.width / count).max(1);
    match machine {
        true => (1..count)
            .map(|child| Point::Step(first_part(position, width, child)))
            .collect(),
        false => (0..count)
            .map(|child| Point::Node {
                height: width.ilog2() as u8,
                index: (position.lower / width).saturating_add(child),
            })
            .collect(),
    }
}

/// The child that a challenger rejects: the first of the `shown` roots that differs from his `own`.
///
/// In the machine stage there is always one, since the end is in dispute: the last segment when all shown states agree. In a
/// vector stage `None` means that the subtree is not wrong.
pub fn first_difference(machine: bool, shown: &[Root], own: &[Root]) -> Option<u64> {
    let difference = shown.iter().zip(own).position(|(shown, own)| shown != own);
    match machine {
        true => Some(difference.unwrap_or(shown.len()) as u64),
        false => difference.map(|child| child as u64),
    }
}
