use std::time::Instant;

use crate::{Action, Agent, Chain, ChainError, Chronicle, Event, Observer, PlayerError, PlayerEvent, Receipt, Role};

/// Agents on one chain. Each acts in its turn, one transaction at a time; when none of them has anything to do, time passes until one has.
pub struct Arena<'a> {
    chain: &'a mut dyn Chain,
    chronicle: Chronicle,
    observer: &'a mut dyn Observer,
    refusals: Vec<(Role, ChainError)>,
}

impl<'a> Arena<'a> {
    /// An arena whose agents know what `chronicle` tells.
    pub fn new(chain: &'a mut dyn Chain, chronicle: Chronicle, observer: &'a mut dyn Observer) -> Arena<'a> {
        Arena {
            chain,
            chronicle,
            observer,
            refusals: Vec::new(),
        }
    }

    /// What the agents know.
    pub fn chronicle(&self) -> &Chronicle {
        &self.chronicle
    }

    /// The chain.
    pub fn chain(&mut self) -> &mut dyn Chain {
        self.chain
    }

    /// What was refused other than moves, with whom it was refused, in order.
    pub fn refusals(&self) -> &[(Role, ChainError)] {
        &self.refusals
    }

    /// Lets the agents act until none of them has anything to do, now or later.
    pub fn run(&mut self, agents: &mut [&mut dyn Agent]) -> Result<(), PlayerError> {
        while self.round(agents)? || self.wait(agents)? {}
        Ok(())
    }

    /// One action of every agent that has one; says whether there was any.
    pub fn round(&mut self, agents: &mut [&mut dyn Agent]) -> Result<bool, PlayerError> {
        let mut busy = false;
        for agent in agents {
            let role = agent.role();
            let failed = |source| PlayerError::Chain { role, source };
            self.chronicle.catch_up(self.chain).map_err(failed)?;
            let now = self.chain.now().map_err(failed)?;
            let started = Instant::now();
            let Some(action) = agent.next(self.chronicle.world(), now, self.observer)? else {
                continue;
            };
            busy = true;
            let seconds = started.elapsed().as_secs_f64();
            match self.chain.act(&agent.account(), &action) {
                Ok(receipt) => {
                    agent.accepted(&action);
                    self.tell(*agent, &action, &receipt, seconds);
                }
                Err(error @ ChainError::Node { .. }) => return Err(failed(error)),
                Err(error) => {
                    self.chronicle.catch_up(self.chain).map_err(failed)?;
                    let world = self.chronicle.world();
                    agent.refused(&action, &error.to_string(), world, now, self.observer);
                    if !matches!(action, Action::Play { .. }) {
                        self.refusals.push((role, error));
                    }
                }
            }
        }
        Ok(busy)
    }

    /// Lets time pass until an agent wakes; says whether there is one that will.
    pub fn wait(&mut self, agents: &[&mut dyn Agent]) -> Result<bool, PlayerError> {
        let role = Role::Requester;
        let failed = |source| PlayerError::Chain { role, source };
        let now = self.chain.now().map_err(failed)?;
        let world = self.chronicle.world();
        let Some(wakes) = agents.iter().filter_map(|agent| agent.wakes(world, now)).min() else {
            return Ok(false);
        };
        let left = wakes.saturating_sub(now).max(1);
        let step = self.chain.poll_seconds().map_or(left, |poll| left.min(poll.max(1)));
        self.chain.advance(step).map_err(failed)?;
        Ok(true)
    }

    fn tell(&mut self, agent: &dyn Agent, action: &Action, receipt: &Receipt, seconds: f64) {
        let (by, account) = (agent.role(), agent.account());
        self.observer.saw(&PlayerEvent::Sent {
            by,
            account,
            action: action.name(),
            gas: receipt.gas,
            calldata_bytes: receipt.data.len() as u64,
            data: receipt.data.clone(),
            value: receipt.value,
            gas_cost: receipt.gas_cost,
            block: receipt.block,
            timestamp: receipt.timestamp,
            seconds,
        });
        if let Action::Play { game, moves } = action {
            for (place, made) in moves.iter().enumerate() {
                let first = place == 0;
                let position = *made.position();
                self.observer.saw(&PlayerEvent::Moved {
                    game: *game,
                    stage: agent.stage_kind(position.stage),
                    kind: made.name(),
                    by,
                    position,
                    made: Box::new(made.clone()),
                    gas: if first { receipt.gas } else { 0 },
                    calldata_bytes: if first { receipt.data.len() as u64 } else { 0 },
                    seconds: if first { seconds } else { 0.0 },
                });
            }
        }
        for event in &receipt.events {
            if let Some(told) = told(event, by) {
                self.observer.saw(&told);
            }
        }
    }
}

/// What an observer is told of an event of a transaction that `by` sent.
fn told(event: &Event, by: Role) -> Option<PlayerEvent> {
    Some(match event {
        Event::Challenged { game, claim, .. } => PlayerEvent::Challenged {
            game: *game,
            claim: *claim,
        },
        Event::Resolved {
            game,
            winner,
            by_timeout,
        } => PlayerEvent::Resolved {
            game: *game,
            resolution: crate::Resolution {
                winner: *winner,
                by_timeout: *by_timeout,
            },
        },
        Event::Finalised { result, .. } => PlayerEvent::Finalised { result: *result },
        Event::Refunded { task } => PlayerEvent::Refunded { task: *task },
        Event::Withdrawn { amount, .. } => PlayerEvent::Withdrawn { by, amount: *amount },
        _ => return None,
    })
}
