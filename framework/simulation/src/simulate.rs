use std::collections::BTreeMap;

use opml_player::{
    Account, Agent, Arena, ChainError, Chronicle, Fate, Observer, PlayerError, PlayerEvent, Requester, Terms, World,
    ask,
};
use thiserror::Error;

use crate::cast::Cast;
use crate::{Bank, Ledger, Random, Workshop};

/// Wei that a requester begins with.
const REQUESTERS_PURSE: u128 = 10_000_000_000_000_000_000;

/// How much to simulate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Tasks.
    pub tasks: u64,
    /// What all choices follow from.
    pub seed: u64,
    /// Wei that a unit of gas costs in the books, whatever the chain takes.
    pub gas_price: u128,
}

/// Why a simulation cannot go on.
#[derive(Debug, Error)]
pub enum SimulationError {
    /// The chain failed.
    #[error("the chain: {0}")]
    Chain(#[from] ChainError),
    /// An agent failed.
    #[error("task {task}: {source}")]
    Task {
        /// Which.
        task: u64,
        /// Why.
        source: PlayerError,
    },
}

/// Gas and wei for it, by account.
#[derive(Default)]
struct Meter(BTreeMap<Account, (u64, u128)>);

impl Observer for Meter {
    fn saw(&mut self, event: &PlayerEvent) {
        if let PlayerEvent::Sent {
            account, gas, gas_cost, ..
        } = event
        {
            let entry = self.0.entry(*account).or_default();
            *entry = (entry.0 + gas, entry.1 + gas_cost);
        }
    }
}

/// Plays `plan.tasks` tasks, each with a random cast, and keeps the books. `goes_on` is told how many are done, and ends the
/// simulation early when it says no.
pub fn simulate(
    bank: &mut dyn Bank,
    workshop: &dyn Workshop,
    plan: Plan,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Ledger, SimulationError> {
    let mut ledger = Ledger::default();
    let mut random = Random::new(plan.seed);
    while ledger.tasks < plan.tasks && goes_on(ledger.tasks) {
        task(bank, workshop, &plan, &mut random, &mut ledger)?;
    }
    Ok(ledger)
}

fn task(
    bank: &mut dyn Bank,
    workshop: &dyn Workshop,
    plan: &Plan,
    random: &mut Random,
    ledger: &mut Ledger,
) -> Result<(), SimulationError> {
    let number = ledger.tasks;
    let failed = |source| SimulationError::Task { task: number, source };
    let requester = bank.open_account(REQUESTERS_PURSE)?;
    let request = workshop.request(requester, number);
    let mut meter = Meter::default();
    let asked = ask(bank, &request, workshop.header(), &mut meter).map_err(failed)?;
    let cast = Cast::random(bank, workshop, asked.model, random)?;
    let accounts: Vec<Account> = cast.owners.iter().flat_map(|owner| owner.accounts.clone()).collect();
    let before = balances(bank, &accounts)?;
    let begun = bank.now()?;
    let mut known = World::default();
    known.follow(asked.model, request.terms.clone());
    let mut agents = cast.agents;
    agents.push(Box::new(Requester::new(requester)));
    let mut boxed: Vec<&mut dyn Agent> = agents
        .iter_mut()
        .map(|agent| agent.as_mut() as &mut dyn Agent)
        .collect();
    let mut arena = Arena::new(bank, Chronicle::new(known, asked.block), &mut meter);
    arena.run(&mut boxed).map_err(failed)?;
    let world = arena.chronicle().world().clone();
    let delay = bank.now()?.saturating_sub(begun);
    let after = balances(bank, &accounts)?;
    ledger.tasks += 1;
    for owner in &cast.owners {
        let mut gain = 0i128;
        let mut gas = 0;
        for account in &owner.accounts {
            let (used, paid) = meter.0.get(account).copied().unwrap_or_default();
            gain += after[account] as i128 - before[account] as i128 + paid as i128;
            gas += used;
        }
        gain -= i128::try_from(plan.gas_price.saturating_mul(u128::from(gas))).unwrap_or(i128::MAX);
        ledger.enter(owner.strategy, gain, gas);
        let floor = -i128::try_from(plan.gas_price.saturating_mul(u128::from(gas))).unwrap_or(i128::MAX);
        if owner.strategy.is_honest() && gain < floor {
            ledger.violations.push(format!(
                "task {number}: an {} lost {} wei beside its gas",
                owner.strategy.name(),
                floor - gain
            ));
        }
    }
    judge(
        bank,
        workshop,
        &request.terms,
        request.posting_time,
        &world,
        number,
        delay,
        ledger,
    )?;
    Ok(())
}

/// What must hold after every task.
#[allow(clippy::too_many_arguments, reason = "all of it is what one task left")]
fn judge(
    bank: &mut dyn Bank,
    workshop: &dyn Workshop,
    terms: &Terms,
    posting: u64,
    world: &World,
    number: u64,
    delay: u64,
    ledger: &mut Ledger,
) -> Result<(), SimulationError> {
    let truth = workshop.truth();
    let mut wrong = |what: String| ledger.violations.push(format!("task {number}: {what}"));
    let finals: Vec<_> = world.results().filter(|result| result.fate == Fate::Final).collect();
    if finals.iter().any(|result| result.value != truth) {
        wrong("a false result became final".into());
    }
    if finals.len() > 1 {
        wrong("two results became final".into());
    }
    if world.games().any(|view| view.is_open()) {
        wrong("a game was never ended".into());
    }
    let (held, burnt) = bank.held_and_burnt()?;
    if held != burnt {
        wrong(format!("the service holds {held} wei, of which {burnt} are burnt"));
    }
    let games = world.games().count() as u64;
    let allowances: u64 = (0..terms.stages.len() as u8)
        .map(|stage| terms.allowance(stage, games.max(1)))
        .sum();
    // A result that is posted last has its window after that; each waiting agent may be a few blocks late.
    let bound = posting + 2 * terms.window + 2 * allowances + 12 * (100 + 40 * games);
    if delay > bound {
        wrong(format!("it took {delay} s, the bound is {bound} s"));
    }
    ledger.games += games;
    ledger.answered += u64::from(!finals.is_empty());
    ledger.refunded += u64::from(world.tasks().any(|task| task.refunded));
    ledger.longest = ledger.longest.max(delay);
    ledger.burnt = burnt;
    Ok(())
}

fn balances(bank: &mut dyn Bank, accounts: &[Account]) -> Result<BTreeMap<Account, u128>, ChainError> {
    let balance = |account: &Account| Ok((*account, bank.balance(account)?));
    accounts.iter().map(balance).collect()
}
