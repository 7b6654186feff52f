use opml_commit::Root;

use crate::{Account, Action, Observer, PlayerError, Role, World};

/// Somebody who acts on what the chain says. It knows the [`World`] and the time, and nothing that the others do not tell the chain.
///
/// An agent that is made anew goes on where another one of the same account stopped: all that it must know is in the events.
pub trait Agent {
    /// Its role, for reports.
    fn role(&self) -> Role;

    /// Its account.
    fn account(&self) -> Account;

    /// The kind of a stage of its pipeline, for reports.
    fn stage_kind(&self, _stage: u8) -> &'static str {
        ""
    }

    /// What it wants done now, the most urgent first; `None` when there is nothing to do before something happens or
    /// [`wakes`](Agent::wakes) comes.
    fn next(&mut self, world: &World, now: u64, observer: &mut dyn Observer) -> Result<Option<Action>, PlayerError>;

    /// The chain took what it wanted.
    fn accepted(&mut self, _action: &Action) {}

    /// The chain refused what it wanted; `world` is what is known since.
    fn refused(&mut self, action: &Action, reason: &str, world: &World, now: u64, observer: &mut dyn Observer);

    /// The first second at which it may want something although nothing happens.
    fn wakes(&self, world: &World, now: u64) -> Option<u64>;
}

/// What an action is about.
pub(crate) fn subject(action: &Action) -> Root {
    match action {
        Action::Request { model, .. } => *model,
        Action::Commit { commitment } => *commitment,
        Action::Propose { task, .. }
        | Action::Finalise { task }
        | Action::Refund { task }
        | Action::Deliver { task, .. } => *task,
        Action::Challenge { result, .. } | Action::Settle { result } => *result,
        Action::Play { game, .. } | Action::Close { game } => game.hash(),
        Action::Withdraw => Root::ZERO,
    }
}
