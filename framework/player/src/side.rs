use std::collections::{BTreeMap, BTreeSet};

use opml_commit::Root;

use crate::answer::answer;
use crate::desk::Desk;
use crate::patience::Patience;
use crate::{Action, Fate, Move, Observer, Party, PlayerError, PlayerEvent, Role, View, World};

/// A proposer's or a challenger's games: what it answers, when it ends them, and which it gave up.
pub(crate) struct Side {
    pub(crate) desk: Desk,
    pub(crate) patience: Patience,
    /// Games to which it has no answer.
    given_up: BTreeSet<Root>,
    /// Transactions of moves, by game.
    answers: BTreeMap<Root, usize>,
    /// Positions at which only the first of several planned moves is made, because all together were refused.
    one_by_one: BTreeSet<Root>,
}

impl Side {
    pub(crate) fn new(party: Party, role: Role) -> Side {
        Side {
            desk: Desk::new(party, role),
            patience: Patience::default(),
            given_up: BTreeSet::new(),
            answers: BTreeMap::new(),
            one_by_one: BTreeSet::new(),
        }
    }

    fn is_challenger(&self) -> bool {
        self.desk.role() == Role::Challenger
    }

    /// Whether this side plays in the game.
    fn plays(&self, world: &World, view: &View) -> bool {
        let account = self.desk.party().account;
        match self.is_challenger() {
            true => view.id.challenger == account,
            false => world
                .result(&view.id.result)
                .is_some_and(|result| result.proposer == account),
        }
    }

    /// Its open games on live results of tasks that are not decided, each with the last second of the present turn.
    fn open_games<'w>(&self, world: &'w World) -> impl Iterator<Item = (&'w View, u64)> {
        let own = world.games().filter(|view| view.is_open() && self.plays(world, view));
        own.filter_map(|view| {
            let (result, task, terms) = world.around(&view.id)?;
            let in_play = result.fate == Fate::Live && task.settled.is_none();
            in_play.then(|| (view, view.turn_ends(terms, task.games)))
        })
    }

    /// The most urgent thing to do in its games: an answer, or ending a game whose other side is late.
    pub(crate) fn next(
        &mut self,
        world: &World,
        now: u64,
        observer: &mut dyn Observer,
    ) -> Result<Option<Action>, PlayerError> {
        let mut games: Vec<(&View, u64)> = self.open_games(world).collect();
        games.sort_by_key(|(view, ends)| (*ends, view.game));
        for (view, ends) in games {
            if view.is_challengers_turn() == self.is_challenger() {
                if now <= ends
                    && let Some(moves) = self.answer(world, view, observer)?
                {
                    return Ok(Some(play(view, moves)));
                }
            } else if now > ends && self.patience.allows("timeout", &view.game, now) {
                let position = view.position;
                return Ok(Some(play(view, vec![Move::Timeout { position }])));
            }
        }
        Ok(None)
    }

    /// The moves that are due from this side; `None` when it has none, for which the observer is told why once.
    fn answer(
        &mut self,
        world: &World,
        view: &View,
        observer: &mut dyn Observer,
    ) -> Result<Option<Vec<Move>>, PlayerError> {
        if self.given_up.contains(&view.game) {
            return Ok(None);
        }
        let stalls = self.desk.party().stalls_after;
        let answers = self.answers.get(&view.game).copied().unwrap_or(0);
        let planned = match (world.lost(&view.game), stalls) {
            (Some(reason), _) => Err(reason.to_string()),
            (None, Some(most)) if answers >= most => Err("it stopped answering".into()),
            (None, _) => self.plan(world, view).map_err(|error| error.to_string()),
        };
        match planned {
            Ok(mut moves) => {
                if self.one_by_one.contains(&view.position.hash()) {
                    moves.truncate(1);
                }
                Ok(Some(moves))
            }
            Err(reason) => {
                self.give_up(view.game, reason, observer);
                Ok(None)
            }
        }
    }

    fn plan(&mut self, world: &World, view: &View) -> Result<Vec<Move>, PlayerError> {
        if let Some((result, task, terms)) = world.around(&view.id) {
            self.desk.output(task, terms)?;
            self.desk.party().store.put(result.output, result.value.clone());
        }
        answer(&mut self.desk, view)
    }

    fn give_up(&mut self, game: Root, reason: String, observer: &mut dyn Observer) {
        if self.given_up.insert(game) {
            let by = self.desk.role();
            observer.saw(&PlayerEvent::Stuck { by, reason });
        }
    }

    /// Takes note that an action was accepted.
    pub(crate) fn accepted(&mut self, action: &Action) {
        if let Action::Play { game, moves } = action
            && !matches!(moves[..], [Move::Timeout { .. }])
        {
            *self.answers.entry(game.hash()).or_default() += 1;
        }
    }

    /// Takes note of a refusal. Moves whose position no longer stands were overtaken, which is nobody's fault; those that the
    /// contract refuses where they are due are the side's last in that game.
    pub(crate) fn refused(
        &mut self,
        action: &Action,
        reason: &str,
        world: &World,
        now: u64,
        observer: &mut dyn Observer,
    ) {
        if let Action::Play { game, moves } = action
            && let Some(first) = moves.first()
            && !matches!(first, Move::Timeout { .. })
        {
            let game = game.hash();
            let stands = world
                .game(&game)
                .is_some_and(|view| view.is_open() && view.position == *first.position());
            match stands {
                false => {}
                true if moves.len() > 1 && self.one_by_one.insert(first.position().hash()) => {}
                true => self.give_up(game, reason.into(), observer),
            }
            return;
        }
        if self.patience.refuse(action, now) && action.name() != "timeout" {
            let by = self.desk.role();
            observer.saw(&PlayerEvent::Stuck {
                by,
                reason: reason.into(),
            });
        }
    }

    /// When the next of its games can be ended because the other side is late, or a refused action may be tried again.
    pub(crate) fn wakes(&self, world: &World, now: u64) -> Option<u64> {
        let others_turn = self
            .open_games(world)
            .filter(|(view, _)| view.is_challengers_turn() != self.is_challenger());
        let late = others_turn
            .map(|(_, ends)| ends.saturating_add(1))
            .filter(|ends| *ends > now);
        late.chain(self.patience.ends(now)).min()
    }

    /// A game of its own that is to be closed, because its result was decided elsewhere.
    pub(crate) fn next_close(&self, world: &World, now: u64) -> Option<Action> {
        let closable = |view: &&View| {
            let result = world.result(&view.id.result);
            let decided = result.is_some_and(|result| match result.fate {
                Fate::Dead | Fate::Slashed => self.is_challenger(),
                Fate::Released => !self.is_challenger(),
                Fate::Live | Fate::Final => false,
            });
            view.is_open() && decided && self.plays(world, view) && self.patience.allows("close", &view.game, now)
        };
        let found = world.games().find(closable);
        found.map(|view| Action::Close { game: view.id })
    }

    /// Draws what the service owes it, when nothing of its own is open.
    pub(crate) fn next_withdrawal(&self, world: &World, now: u64) -> Option<Action> {
        let account = self.desk.party().account;
        let busy = world.games().any(|view| view.is_open() && self.plays(world, view));
        let owed = world.credit(&account) > 0 && self.patience.allows("withdraw", &Root::ZERO, now);
        (owed && !busy).then_some(Action::Withdraw)
    }
}

fn play(view: &View, moves: Vec<Move>) -> Action {
    Action::Play { game: view.id, moves }
}
