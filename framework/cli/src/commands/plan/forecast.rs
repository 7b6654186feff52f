use opml_pipeline::{ChainSpec, StageKind};
use opml_player::Role;
use serde::{Serialize, Serializer};

use super::lie::PlannedLie;
use crate::chain::{self, Ready};
use crate::failure::Failure;
use crate::play::parties::seated;
use crate::play::play_failure;
use crate::play::scene::{Scene, purse, request};
use crate::report::{Recorder, TransactionReport};

/// Gas that every transaction costs.
const TRANSACTION_GAS: u64 = 21_000;
/// What a byte of calldata costs at least by the scheduled rule, zero or not (EIP-7976).
const SCHEDULED_FLOOR: u64 = 64;
/// The smallest challenger's bond that the service takes (`specs/money.md`).
const LEAST_CHALLENGER_BOND: u128 = 80_000_000_000_000_000;

/// What a dispute takes at one arity.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Forecast {
    pub(crate) arity: u16,
    /// Reveals with their answers.
    pub(crate) rounds: usize,
    /// How many answers a side gives at most in each stage, outermost first.
    pub(super) answers: Vec<usize>,
    /// From `challenge` to the last payment.
    pub(super) transactions: usize,
    /// From `challenge` to the verdict, by today's price of calldata.
    pub(crate) gas: u64,
    /// From the verdict to the last payment.
    pub(super) payout_gas: u64,
    /// `gas` when every byte of calldata costs 64 at least.
    pub(super) gas_at_64: u64,
    /// Its part that the proposer pays.
    pub(super) proposer_gas: u64,
    /// Its part that the challenger pays.
    pub(super) challenger_gas: u64,
    /// Wei: the least bonds at which the stake that a defender wins pays for its gas, at 64 a byte; never below the service's.
    #[serde(serialize_with = "text")]
    pub(super) least_proposer_bond: u128,
    #[serde(serialize_with = "text")]
    pub(super) least_challenger_bond: u128,
}

/// Wei as text, which numbers of JSON are too small for.
fn text<S: Serializer>(wei: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(wei)
}

/// Has a sketch of the dispute judged by the real contracts, on a chain of its own, at the arity that the scene's spec says.
pub(super) fn forecast(scene: &Scene, lie: &PlannedLie, gas_price: u128) -> Result<Forecast, Failure> {
    let Ready {
        mut chain, accounts, ..
    } = chain::ready(&ChainSpec::Embedded, purse(scene))?;
    let [requester, proposer, challenger] = accounts.map(|(_, account)| account);
    let fault = |role| (lie.by == role).then(|| lie.fault.clone());
    let proposer = seated(proposer, fault(Role::Proposer), scene);
    let challenger = seated(challenger, fault(Role::Challenger), scene);
    let request = request(scene, requester, 0);
    let mut recorder = Recorder::new((), StageKind::Instruction.name());
    opml_player::play(&mut chain, &request, &proposer, Some(&challenger), &mut recorder)
        .map_err(|error| play_failure(error, false))?;
    let dispute = recorder
        .dispute()
        .filter(|dispute| !dispute.by_timeout)
        .ok_or_else(|| Failure::other("the planned dispute did not reach a verdict"))?;
    let first = recorder
        .transactions
        .iter()
        .position(|sent| sent.action == "challenge")
        .unwrap_or(0);
    let last = dispute.moves.iter().map(|made| made.transaction).max().unwrap_or(0);
    let fought = &recorder.transactions[first..=last.max(first)];
    let paid_out = &recorder.transactions[(last + 1).min(recorder.transactions.len())..];
    let by = |role: Role, price: fn(&TransactionReport) -> u64| {
        let own = fought.iter().filter(|sent| sent.by == role.name());
        own.map(price).sum::<u64>()
    };
    let [least_proposer_bond, least_challenger_bond] = least_bonds(by(Role::Proposer, at_scheduled_price), gas_price);
    Ok(Forecast {
        arity: scene.spec.game.arity,
        rounds: dispute.rounds,
        answers: dispute.stages.iter().map(|stage| stage.rounds + 1).collect(),
        transactions: fought.len() + paid_out.len(),
        gas: dispute.gas_total,
        payout_gas: paid_out.iter().map(|sent| sent.gas).sum(),
        gas_at_64: fought.iter().map(at_scheduled_price).sum(),
        proposer_gas: by(Role::Proposer, |sent| sent.gas),
        challenger_gas: by(Role::Challenger, |sent| sent.gas),
        least_proposer_bond,
        least_challenger_bond,
    })
}

/// A transaction pays for what it does or for its bytes, whichever is more. What it does was paid today, unless the floor was more already:
/// then the scheduled one is, too.
fn at_scheduled_price(sent: &TransactionReport) -> u64 {
    sent.gas.max(TRANSACTION_GAS + SCHEDULED_FLOOR * sent.calldata_bytes)
}

/// The least bonds (P, C) so that three quarters of C, the stake, pay for the defender's gas, and P is four times C.
fn least_bonds(gas: u64, gas_price: u128) -> [u128; 2] {
    let stake = u128::from(gas).saturating_mul(gas_price);
    let challenger = (stake.saturating_mul(4) / 3).max(LEAST_CHALLENGER_BOND);
    [challenger.saturating_mul(4), challenger]
}
