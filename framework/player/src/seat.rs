use opml_engine::{Claim, Phase};
use opml_engine::{Fault, Point, Position, Trace, Verdict, first_difference, moves};

use crate::{Event, Move, Party, PlayerError, Role, View};

/// A party's side of one game: its own traces beside what the chain tells.
pub(crate) struct Seat<'a> {
    party: &'a Party,
    role: Role,
    view: View,
    /// The stage that the trace and the fault belong to; when it has planned a `narrow`, it is ahead of the view.
    stage: u8,
    fault: Option<Fault>,
    trace: Option<Box<dyn Trace>>,
}

impl<'a> Seat<'a> {
    pub(crate) fn new(party: &'a Party, role: Role, view: View) -> Seat<'a> {
        Seat {
            party,
            role,
            view,
            stage: 0,
            fault: party.fault.clone(),
            trace: None,
        }
    }

    pub(crate) fn view(&self) -> &View {
        &self.view
    }

    pub(crate) fn party(&self) -> &'a Party {
        self.party
    }

    /// Takes note of an event. When the dispute moves to the next stage, the party narrows its own trace too: that puts what
    /// the next stage reads into its store.
    pub(crate) fn see(&mut self, event: &Event) -> Result<(), PlayerError> {
        if let Event::Narrowed { game, position, .. } = event
            && *game == self.view.game
            && position.stage > self.stage
        {
            let (claim, part) = (self.view.claim, self.view.position.lower);
            let party = self.party;
            let narrowed = self.trace(&claim)?.narrow(part, party.store.as_ref());
            narrowed.map_err(|source| self.failed(source))?;
            self.descend(part);
        }
        self.view.see(event).map_err(|source| self.refused(source))
    }

    /// The moves that are due from this side, for one transaction.
    pub(crate) fn plan(&mut self) -> Result<Vec<Move>, PlayerError> {
        match self.view.position.phase {
            Phase::Reject => self.reject(),
            _ => self.defend(),
        }
    }

    /// The defender goes on until the challenger has to answer: narrow, open and reveal fit one transaction.
    fn defend(&mut self) -> Result<Vec<Move>, PlayerError> {
        let store = self.party.store.clone();
        let (mut claim, mut position) = (self.view.claim, self.view.position);
        let mut planned = Vec::new();
        loop {
            match position.phase {
                Phase::Open => {
                    let arity = self.view.arity;
                    let opening = self.trace(&claim)?.opening(arity, store.as_ref());
                    let opening = opening.map_err(|source| self.failed(source))?;
                    let next = moves::open(&position, &opening.opened).map_err(|source| self.refused(source))?;
                    planned.push(Move::Open {
                        position,
                        claim,
                        payload: opening.payload,
                    });
                    position = next;
                }
                Phase::Reveal => {
                    let points = moves::points(&position, self.view.arity, self.is_machine(&position));
                    let roots = self.roots(&claim, &points)?;
                    planned.push(Move::Reveal { position, roots });
                    return Ok(planned);
                }
                Phase::Narrow => {
                    let part = position.lower;
                    let narrowed = self.trace(&claim)?.narrow(part, store.as_ref());
                    let narrowed = narrowed.map_err(|source| self.failed(source))?;
                    planned.push(Move::Narrow {
                        position,
                        claim,
                        payload: narrowed.payload,
                    });
                    let Verdict::Claim(next) = narrowed.verdict else {
                        return Ok(planned);
                    };
                    self.descend(part);
                    position = Position::start(self.stage, next.hash());
                    claim = next;
                }
                Phase::Reject => return Ok(planned),
            }
        }
    }

    /// The challenger names the first root that differs from its own. When that leaves one step of the machine, an honest one
    /// proves the step in the same transaction: the agreed state before it is its own.
    fn reject(&mut self) -> Result<Vec<Move>, PlayerError> {
        let (claim, position, shown) = (self.view.claim, self.view.position, self.view.shown.clone());
        let machine = self.view.is_machine();
        let own = self.roots(&claim, &moves::points(&position, self.view.arity, machine))?;
        let child = first_difference(machine, &shown, &own).ok_or(PlayerError::NothingToReject)?;
        let after = moves::reject(&position, self.view.arity, machine, &shown, child);
        let after = after.map_err(|source| self.refused(source))?;
        let mut planned = vec![Move::Reject {
            position,
            roots: shown,
            child,
        }];
        if machine && after.phase == Phase::Narrow && self.party.fault.is_none() {
            let store = self.party.store.clone();
            let narrowed = self.trace(&claim)?.narrow(after.lower, store.as_ref());
            let narrowed = narrowed.map_err(|source| self.failed(source))?;
            planned.push(Move::Narrow {
                position: after,
                claim,
                payload: narrowed.payload,
            });
        }
        Ok(planned)
    }

    fn roots(&mut self, claim: &Claim, points: &[Point]) -> Result<Vec<opml_commit::Root>, PlayerError> {
        let roots = self.trace(claim)?.reveal(points);
        roots.map_err(|source| self.failed(source))
    }

    fn trace(&mut self, claim: &Claim) -> Result<&mut dyn Trace, PlayerError> {
        let trace = match self.trace.take() {
            Some(trace) => trace,
            None => {
                let stage = &self.party.stages[usize::from(self.stage)];
                let trace = stage.open(claim, self.party.store.as_ref(), self.fault.as_ref());
                trace.map_err(|source| self.failed(source))?
            }
        };
        Ok(self.trace.insert(trace).as_mut())
    }

    fn descend(&mut self, part: u64) {
        self.fault = self.fault.as_ref().and_then(|fault| fault.within(part));
        self.trace = None;
        self.stage += 1;
    }

    fn is_machine(&self, position: &Position) -> bool {
        usize::from(position.stage) + 1 == self.view.stages
    }

    fn failed(&self, source: opml_engine::StageError) -> PlayerError {
        PlayerError::Stage {
            role: self.role,
            source,
        }
    }

    fn refused(&self, source: opml_engine::MoveError) -> PlayerError {
        PlayerError::Move {
            role: self.role,
            source,
        }
    }
}
