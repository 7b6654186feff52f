use std::time::Instant;

use crate::seat::Seat;
use crate::table::{Table, of};
use crate::{Action, ChainError, Event, Move, Party, PlayerError, PlayerEvent, Resolution, Role, Terms, View};

/// Plays one game to its end. A side that has no answer, or whose answer is refused, loses by its clock.
pub(crate) fn dispute(
    table: &mut Table<'_>,
    terms: &Terms,
    proposer: &Party,
    challenger: &Party,
    view: View,
) -> Result<Resolution, PlayerError> {
    let mut sides = [
        Side::new(Seat::new(proposer, Role::Proposer, view.clone()), Role::Proposer),
        Side::new(Seat::new(challenger, Role::Challenger, view), Role::Challenger),
    ];
    loop {
        let view = sides[0].seat.view().clone();
        if let Some(resolution) = view.resolution {
            table.observer.saw(&PlayerEvent::Resolved { resolution });
            return Ok(resolution);
        }
        let turn = usize::from(view.is_challengers_turn());
        let events = match sides[turn].answer(table)? {
            Ok(events) => events,
            Err(reason) => {
                let by = sides[turn].role;
                table.observer.saw(&PlayerEvent::Stuck { by, reason });
                time_out(table, terms, &sides[1 - turn], &view)?
            }
        };
        for side in &mut sides {
            side.see(&events);
        }
    }
}

/// One side and how often it has answered.
struct Side<'a> {
    seat: Seat<'a>,
    role: Role,
    answers: usize,
    /// Why it can no longer follow the game: it will have no answer when one is due.
    lost: Option<String>,
}

impl<'a> Side<'a> {
    fn new(seat: Seat<'a>, role: Role) -> Side<'a> {
        Side {
            seat,
            role,
            answers: 0,
            lost: None,
        }
    }

    fn see(&mut self, events: &[Event]) {
        for event in events {
            if let Err(error) = self.seat.see(event) {
                self.lost = Some(error.to_string());
                return;
            }
        }
    }

    /// Makes the moves that are due. The inner error says why there are none.
    fn answer(&mut self, table: &mut Table<'_>) -> Result<Result<Vec<Event>, String>, PlayerError> {
        if let Some(reason) = &self.lost {
            return Ok(Err(reason.clone()));
        }
        if self.seat.party().stalls_after.is_some_and(|most| self.answers >= most) {
            return Ok(Err("it stopped answering".into()));
        }
        let since = Instant::now();
        let mut moves = match self.seat.plan() {
            Ok(moves) => moves,
            Err(error) => return Ok(Err(error.to_string())),
        };
        self.answers += 1;
        let mut sent = self.send(table, &moves, since);
        if is_refusal(&sent) && self.role == Role::Challenger && moves.len() > 1 {
            // The rejection stands by itself; the proof that follows it is anyone's to give.
            moves.truncate(1);
            sent = self.send(table, &moves, since);
        }
        match sent {
            Ok(events) => Ok(Ok(events)),
            Err(error @ (ChainError::Refused { .. } | ChainError::Halted { .. })) => Ok(Err(error.to_string())),
            Err(error) => Err(of(self.role)(error)),
        }
    }

    fn send(&self, table: &mut Table<'_>, moves: &[Move], since: Instant) -> Result<Vec<Event>, ChainError> {
        let action = Action::Play {
            game: self.seat.view().id,
            moves: moves.to_vec(),
        };
        let receipt = table.play(self.role, self.seat.party(), &action, moves, since)?;
        Ok(receipt.events)
    }
}

fn is_refusal(sent: &Result<Vec<Event>, ChainError>) -> bool {
    matches!(sent, Err(ChainError::Refused { .. } | ChainError::Halted { .. }))
}

/// The other side waits for the clock and ends the game. The number of games on the task is the chain's to know: when the
/// allowance has grown, the next attempt comes one unit later.
fn time_out(table: &mut Table<'_>, terms: &Terms, other: &Side<'_>, view: &View) -> Result<Vec<Event>, PlayerError> {
    let mut games = 1;
    let mut waited = 0;
    loop {
        let allowance = terms.allowance(view.position.stage, games);
        let wait = allowance + 1 - waited;
        table.chain.advance(wait).map_err(of(other.role))?;
        waited += wait;
        let moves = [Move::Timeout {
            position: view.position,
        }];
        match other.send(table, &moves, Instant::now()) {
            Err(ChainError::Refused { reason, .. })
                if reason.starts_with("ClockStillRuns")
                    && terms.allowance(view.position.stage, games + 1) > allowance =>
            {
                games += 1;
            }
            sent => return sent.map_err(of(other.role)),
        }
    }
}
