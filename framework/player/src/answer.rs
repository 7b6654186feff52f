//! What a side answers in a game, for one transaction.

use opml_commit::Root;
use opml_engine::{Phase, Point, Position, Verdict, first_difference, moves};

use crate::desk::Desk;
use crate::{Move, Narrowing, PlayerError, View};

/// The moves that are due from a side.
pub(crate) fn answer(desk: &mut Desk, view: &View) -> Result<Vec<Move>, PlayerError> {
    match view.position.phase {
        Phase::Reject => reject(desk, view),
        _ => defend(desk, view),
    }
}

/// The defender goes on until the challenger has to answer: narrow, open and reveal fit one transaction.
fn defend(desk: &mut Desk, view: &View) -> Result<Vec<Move>, PlayerError> {
    let role = desk.role();
    let store = desk.party().store.clone();
    let failed = |source| PlayerError::Stage { role, source };
    let refused = |source| PlayerError::Move { role, source };
    let mut way = view.narrowed.clone();
    let (mut claim, mut position) = (view.claim, view.position);
    let mut planned = Vec::new();
    loop {
        match position.phase {
            Phase::Open => {
                let opening = desk.trace(&way, &claim)?.opening(view.arity, store.as_ref());
                let opening = opening.map_err(failed)?;
                let next = moves::open(&position, &opening.opened).map_err(refused)?;
                planned.push(Move::Open {
                    position,
                    claim,
                    payload: opening.payload,
                });
                position = next;
            }
            Phase::Reveal => {
                let points = moves::points(&position, view.arity, way.len() + 1 == view.stages);
                let roots = roots(desk, &way, &claim, &points)?;
                planned.push(Move::Reveal { position, roots });
                return Ok(planned);
            }
            Phase::Narrow => {
                let part = position.lower;
                let narrowed = desk.narrow(&way, &claim, part)?;
                planned.push(Move::Narrow {
                    position,
                    claim,
                    payload: narrowed.payload,
                });
                let Verdict::Claim(next) = narrowed.verdict else {
                    return Ok(planned);
                };
                way.push(Narrowing { claim, part });
                position = Position::start(way.len() as u8, next.hash());
                claim = next;
            }
            Phase::Reject => return Ok(planned),
        }
    }
}

/// The challenger names the first root that differs from its own. When that leaves one step of the machine, an honest one
/// proves the step in the same transaction: the agreed state before it is its own.
fn reject(desk: &mut Desk, view: &View) -> Result<Vec<Move>, PlayerError> {
    let role = desk.role();
    let (way, claim, position) = (&view.narrowed, view.claim, view.position);
    let machine = view.is_machine();
    let own = roots(desk, way, &claim, &moves::points(&position, view.arity, machine))?;
    let child = first_difference(machine, &view.shown, &own).ok_or(PlayerError::NothingToReject)?;
    let after = moves::reject(&position, view.arity, machine, &view.shown, child);
    let after = after.map_err(|source| PlayerError::Move { role, source })?;
    let mut planned = vec![Move::Reject {
        position,
        roots: view.shown.clone(),
        child,
    }];
    if machine && after.phase == Phase::Narrow && desk.party().fault.is_none() {
        let narrowed = desk.narrow(way, &claim, after.lower)?;
        planned.push(Move::Narrow {
            position: after,
            claim,
            payload: narrowed.payload,
        });
    }
    Ok(planned)
}

fn roots(
    desk: &mut Desk,
    way: &[Narrowing],
    claim: &opml_engine::Claim,
    points: &[Point],
) -> Result<Vec<Root>, PlayerError> {
    let role = desk.role();
    let roots = desk.trace(way, claim)?.reveal(points);
    roots.map_err(|source| PlayerError::Stage { role, source })
}
