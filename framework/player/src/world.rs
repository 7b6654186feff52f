use std::collections::BTreeMap;

use bytes::Bytes;
use opml_commit::Root;

use crate::{Account, Event, GameId, Terms, View};

/// A request as events tell it.
#[derive(Clone, Debug)]
pub struct TaskView {
    /// The task.
    pub task: Root,
    /// Its model.
    pub model: Root,
    /// Who asked.
    pub requester: Account,
    /// The claim's inputs.
    pub inputs: Root,
    /// The values, unless they were given by root only.
    pub values: Vec<Bytes>,
    /// The last second in which results may be posted.
    pub deadline: u64,
    /// Games ever opened on it.
    pub games: u64,
    /// The live results, in their order.
    pub live: Vec<Root>,
    /// The final result.
    pub settled: Option<Root>,
    /// Whether the fee went back.
    pub refunded: bool,
}

/// What became of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Posted, not dead, not final.
    Live,
    /// It lost a game.
    Dead,
    /// The task's output.
    Final,
    /// Equal to the final one.
    Released,
    /// Contrary to the final one.
    Slashed,
}

/// A result as events tell it.
#[derive(Clone, Debug)]
pub struct ResultView {
    /// The result.
    pub result: Root,
    /// Its task.
    pub task: Root,
    /// Who posted it.
    pub proposer: Account,
    /// The output's root.
    pub output: Root,
    /// The output's bytes.
    pub value: Bytes,
    /// When it was posted, in seconds.
    pub posted_at: u64,
    /// What orders it among the task's results.
    pub ordered_at: u64,
    /// What became of it.
    pub fate: Fate,
    /// The games on it, by hash.
    pub games: Vec<Root>,
}

/// The service as its events tell it: the tasks of the models that are followed, with all their results and games.
#[derive(Clone, Debug, Default)]
pub struct World {
    models: BTreeMap<Root, Terms>,
    tasks: BTreeMap<Root, TaskView>,
    results: BTreeMap<Root, ResultView>,
    games: BTreeMap<Root, View>,
    /// Why this program can no longer follow a game.
    lost: BTreeMap<Root, String>,
    credits: BTreeMap<Account, u128>,
}

impl World {
    /// Follows the tasks of a model that is registered with these terms.
    pub fn follow(&mut self, model: Root, terms: Terms) {
        self.models.insert(model, terms);
    }

    /// The same models followed, and nothing known of them.
    pub(crate) fn forgotten(&self) -> World {
        World {
            models: self.models.clone(),
            ..World::default()
        }
    }

    /// The tasks, by name.
    pub fn tasks(&self) -> impl Iterator<Item = &TaskView> {
        self.tasks.values()
    }

    /// A task.
    pub fn task(&self, task: &Root) -> Option<&TaskView> {
        self.tasks.get(task)
    }

    /// A result.
    pub fn result(&self, result: &Root) -> Option<&ResultView> {
        self.results.get(result)
    }

    /// The results, by name.
    pub fn results(&self) -> impl Iterator<Item = &ResultView> {
        self.results.values()
    }

    /// A game by its hash.
    pub fn game(&self, game: &Root) -> Option<&View> {
        self.games.get(game)
    }

    /// All games, by hash.
    pub fn games(&self) -> impl Iterator<Item = &View> {
        self.games.values()
    }

    /// Why this program cannot follow a game any more.
    pub fn lost(&self, game: &Root) -> Option<&str> {
        self.lost.get(game).map(String::as_str)
    }

    /// The terms of a task's model.
    pub fn terms(&self, task: &Root) -> Option<&Terms> {
        self.models.get(&self.tasks.get(task)?.model)
    }

    /// Wei that the service owes an account.
    pub fn credit(&self, account: &Account) -> u128 {
        self.credits.get(account).copied().unwrap_or(0)
    }

    /// The task that a game is about, its terms and its result.
    pub fn around(&self, id: &GameId) -> Option<(&ResultView, &TaskView, &Terms)> {
        let result = self.results.get(&id.result)?;
        let task = self.tasks.get(&result.task)?;
        Some((result, task, self.models.get(&task.model)?))
    }

    /// Whether a game on the result is neither decided nor closed.
    pub fn has_open_games(&self, result: &ResultView) -> bool {
        result
            .games
            .iter()
            .any(|game| self.games.get(game).is_some_and(View::is_open))
    }

    /// Takes note of an event that happened at `time`. What belongs to no followed model changes nothing.
    pub fn see(&mut self, event: &Event, time: u64) {
        match event {
            Event::Requested {
                task,
                model,
                requester,
                inputs,
                values,
                deadline,
            } if self.models.contains_key(model) => {
                let view = TaskView {
                    task: *task,
                    model: *model,
                    requester: *requester,
                    inputs: *inputs,
                    values: values.clone(),
                    deadline: *deadline,
                    games: 0,
                    live: Vec::new(),
                    settled: None,
                    refunded: false,
                };
                self.tasks.insert(*task, view);
            }
            Event::Proposed { .. } => self.see_result(event, time),
            Event::Challenged { .. } => self.see_challenge(event, time),
            Event::Opened { game, .. }
            | Event::Revealed { game, .. }
            | Event::Rejected { game, .. }
            | Event::Narrowed { game, .. }
            | Event::Resolved { game, .. } => {
                let seen = self.games.get_mut(game).map(|view| view.see(event, time));
                if let Some(Err(error)) = seen {
                    self.lost.insert(*game, error.to_string());
                }
            }
            Event::Died { result } => self.leave(result, Fate::Dead),
            Event::Settled { result, released, .. } => {
                self.leave(result, if *released { Fate::Released } else { Fate::Slashed });
            }
            Event::Finalised { task, result } => {
                self.leave(result, Fate::Final);
                if let Some(task) = self.tasks.get_mut(task) {
                    task.settled = Some(*result);
                }
            }
            Event::Refunded { task } => {
                if let Some(task) = self.tasks.get_mut(task) {
                    task.refunded = true;
                }
            }
            Event::Credited { party, amount } => {
                let credit = self.credits.entry(*party).or_default();
                *credit = credit.saturating_add(*amount);
            }
            Event::Withdrawn { party, amount } => {
                let credit = self.credits.entry(*party).or_default();
                *credit = credit.saturating_sub(*amount);
            }
            _ => {}
        }
    }

    fn see_result(&mut self, event: &Event, time: u64) {
        let Event::Proposed {
            task,
            result,
            proposer,
            output,
            value,
            ordered_at,
        } = event
        else {
            return;
        };
        let Some(view) = self.tasks.get_mut(task) else {
            return;
        };
        let results = &self.results;
        // Whoever was there first at the same second stays before.
        let after = |live: &&Root| results.get(*live).is_some_and(|live| live.ordered_at > *ordered_at);
        let place = view
            .live
            .iter()
            .position(|live| after(&live))
            .unwrap_or(view.live.len());
        view.live.insert(place, *result);
        let posted = ResultView {
            result: *result,
            task: *task,
            proposer: *proposer,
            output: *output,
            value: value.clone(),
            posted_at: time,
            ordered_at: *ordered_at,
            fate: Fate::Live,
            games: Vec::new(),
        };
        self.results.insert(*result, posted);
    }

    fn see_challenge(&mut self, event: &Event, time: u64) {
        let Event::Challenged {
            game,
            result,
            challenger,
            position,
            claim,
        } = event
        else {
            return;
        };
        let Some(entry) = self.results.get_mut(result) else {
            return;
        };
        let Some(task) = self.tasks.get_mut(&entry.task) else {
            return;
        };
        let Some(terms) = self.models.get(&task.model) else {
            return;
        };
        entry.games.push(*game);
        task.games += 1;
        let id = GameId {
            result: *result,
            challenger: *challenger,
        };
        self.games
            .insert(*game, View::begin(id, terms, *claim, *position, time));
    }

    /// A result is live no more.
    fn leave(&mut self, result: &Root, fate: Fate) {
        let Some(entry) = self.results.get_mut(result) else {
            return;
        };
        entry.fate = fate;
        if let Some(task) = self.tasks.get_mut(&entry.task) {
            task.live.retain(|live| live != result);
        }
    }
}
