mod task;

use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use alloy_sol_types::{SolCall, SolEvent, SolValue};
use opml_commit::Root;
use opml_contracts::Service::{self, LastPosition, Position};
use opml_contracts::{Artifact, Game, Refusals};

use crate::chain::{CallError, Sent, Spent, TRANSACTION_GAS, TestChain};
use crate::guest::Guest;
use crate::lockstep::ProvenStep;
use crate::machine::{artifact_of, named};
use crate::profile::Profile;

const PROPOSER: Address = address!("ac00000000000000000000000000000000000001");
const CHALLENGER: Address = address!("ac00000000000000000000000000000000000002");
const SECOND_CHALLENGER: Address = address!("ac00000000000000000000000000000000000003");
const RIVAL: Address = address!("ac00000000000000000000000000000000000004");
const ETHER: u128 = 1_000_000_000_000_000_000;
const PROPOSER_BOND: u128 = ETHER;
const CHALLENGER_BOND: u128 = ETHER / 10;
const BEGINNING: u64 = 1_700_000_000;
const WINDOW: u64 = 86_400;
/// Where in the service's storage the games lie.
const GAMES_SLOT: u8 = 1;

/// What a last move did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whether the defender won.
    pub defender: bool,
    /// What it cost.
    pub spent: Spent,
    /// Bytes of calldata.
    pub bytes: u64,
}

impl Judged {
    /// What the transaction would cost if the floor were 64 gas for every byte of calldata.
    pub fn at_64(&self) -> u64 {
        self.spent.unfloored.max(21_000 + 64 * self.bytes)
    }
}

/// A service with one game, which can be put before any last move.
pub struct Court {
    chain: TestChain,
    service: Address,
    stage: Address,
    vm: Address,
    refusals: Refusals,
    task: B256,
    result: B256,
    game: B256,
    claim: Service::Claim,
    count: u64,
    challenger: Address,
}

impl Court {
    /// A game on the guest's own result, played on the project's own machine of this name. The model's pipeline has one stage.
    ///
    /// # Panics
    /// When the contracts refuse: then there is nothing to judge.
    pub fn new(vm: &str, guest: &Guest) -> Court {
        Court::on(TestChain::default(), vm, guest)
    }

    /// As [`Court::new`], on a chain of one's own.
    ///
    /// # Panics
    /// When the contracts refuse: then there is nothing to judge.
    pub fn on(mut chain: TestChain, vm: &str, guest: &Guest) -> Court {
        let own = |name, json| Artifact::parse(name, json).expect("a committed artifact");
        let artifacts = [
            own("Service", include_str!("../../artifacts/Service.json")),
            own(
                "InstructionStage",
                include_str!("../../artifacts/InstructionStage.json"),
            ),
            artifact_of(vm),
        ];
        let mut refusals = Refusals::default();
        chain.set_time(BEGINNING);
        for party in [PROPOSER, CHALLENGER, SECOND_CHALLENGER, RIVAL] {
            chain.fund(party, U256::from(1000 * ETHER));
        }
        let [service, stage, vm] = artifacts.map(|artifact| {
            refusals.learn(&artifact);
            chain.deploy(&artifact.creation_code().clone().into())
        });
        let mut court = Court {
            chain,
            service,
            stage,
            vm,
            refusals,
            task: B256::ZERO,
            result: B256::ZERO,
            game: B256::ZERO,
            claim: Service::Claim {
                program: word(&guest.claim.program),
                inputs: word(&guest.claim.inputs),
                output: word(&guest.claim.output),
            },
            count: 0,
            challenger: CHALLENGER,
        };
        court.dispute(guest);
        court
    }

    fn told(&self, error: CallError) -> String {
        match error {
            CallError::Reverted(reason) => named(&self.refusals, &reason),
            CallError::Halted(reason) => reason,
            CallError::Undecodable(data) => panic!("{data} is no answer"),
        }
    }

    fn id(&self) -> Game::GameId {
        Game::GameId {
            result: self.result,
            challenger: self.challenger,
        }
    }

    fn claim_hash(&self) -> B256 {
        keccak256(self.claim.abi_encode())
    }

    fn slot(&self) -> B256 {
        keccak256((self.game, U256::from(GAMES_SLOT)).abi_encode())
    }

    /// The contracts by name.
    pub fn names(&self) -> [(Address, &'static str); 3] {
        [
            (self.service, "Service"),
            (self.stage, "InstructionStage"),
            (self.vm, "machine"),
        ]
    }

    /// Puts the game before the last move: `disputed` is said to be the state after step `number`, `agreed` the one before it.
    pub fn put(&mut self, number: u64, agreed: &Root, disputed: &Root) {
        let position = Position {
            stage: 0,
            phase: 4,
            lower: number,
            width: 1,
            count: self.count,
            claim: self.claim_hash(),
            anchor: word(agreed),
            disputed: word(disputed),
            absent: B256::ZERO,
            children: B256::ZERO,
        };
        let slot = self.slot();
        self.chain
            .set_storage(self.service, slot, keccak256(position.abi_encode()));
    }

    fn step_call(&self, number: u64, disputed: &Root, witness: &[u8]) -> Bytes {
        let call = Service::stepCall {
            id: self.id(),
            last: LastPosition {
                lower: number,
                count: self.count,
                claim: self.claim_hash(),
                disputed: word(disputed),
            },
            witness: Bytes::copy_from_slice(witness),
        };
        call.abi_encode().into()
    }

    /// What the last move would do to the game as it stands; or why it does nothing: a named error, or how it ran out of gas.
    ///
    /// # Panics
    /// When the move fails otherwise.
    pub fn attempt(&mut self, number: u64, disputed: &Root, witness: &[u8], gas: u64) -> Result<Judged, String> {
        let data = self.step_call(number, disputed, witness);
        let bytes = data.len() as u64;
        let sent = self.chain.attempt(PROPOSER, self.service, data, gas);
        let sent = sent.map_err(|error| self.told(error))?;
        let resolved: Service::Resolved = event(&sent).expect("a last move resolves the game");
        assert!(matches!(resolved.outcome, 1 | 2), "outcome {}", resolved.outcome);
        Ok(Judged {
            defender: resolved.outcome == 1,
            spent: sent.spent,
            bytes,
        })
    }

    /// What the last move on a step costs, which the defender has right or not.
    ///
    /// # Panics
    /// When it is refused, or the wrong side wins.
    pub fn judge(&mut self, number: u64, step: &ProvenStep, truthful: bool) -> Judged {
        let disputed = self.put_either(number, step, truthful);
        let judged = self.attempt(number, &disputed, &step.witness, TRANSACTION_GAS);
        let judged = judged.expect("a proven step is judged");
        assert_eq!(judged.defender, truthful, "the wrong side won");
        judged
    }

    /// Where the gas of the last move on a step goes.
    pub fn profile(&mut self, number: u64, step: &ProvenStep, truthful: bool) -> Profile {
        let disputed = self.put_either(number, step, truthful);
        let data = self.step_call(number, &disputed, &step.witness);
        self.chain.profile(PROPOSER, self.service, data)
    }

    fn put_either(&mut self, number: u64, step: &ProvenStep, truthful: bool) -> Root {
        let disputed = match truthful {
            true => step.after,
            false => opml_commit::keccak256(&step.after.0),
        };
        self.put(number, &step.before, &disputed);
        disputed
    }

    /// Makes the last move; the game is over.
    ///
    /// # Panics
    /// When it is refused.
    pub fn conclude(&mut self, number: u64, disputed: &Root, witness: &[u8]) {
        let data = self.step_call(number, disputed, witness);
        let sent = self.chain.send(PROPOSER, self.service, data, U256::ZERO);
        let sent = sent.unwrap_or_else(|error| panic!("{}", self.told(error)));
        assert!(event::<Service::Resolved>(&sent).is_some());
    }

    /// Makes the last move in a game that nobody has begun; why it is refused.
    ///
    /// # Panics
    /// When it is not refused.
    pub fn attempt_in_no_game(&mut self, witness: &[u8]) -> String {
        let result = std::mem::take(&mut self.result);
        let judged = self.attempt(0, &Root::ZERO, witness, TRANSACTION_GAS);
        self.result = result;
        judged.expect_err("there is no game")
    }

    /// Makes the last move in a batch: whether the game was resolved by it, or it was skipped; or why it was refused.
    pub fn batch(&mut self, number: u64, disputed: &Root, witness: &[u8]) -> Result<bool, String> {
        let calls = vec![self.step_call(number, disputed, witness)];
        let data = Service::multicallCall { calls }.abi_encode();
        let sent = self
            .chain
            .attempt(CHALLENGER, self.service, data.into(), TRANSACTION_GAS);
        let sent = sent.map_err(|error| self.told(error))?;
        Ok(event::<Service::Resolved>(&sent).is_some())
    }

    /// Sends `narrow` instead of `step`; why it was refused.
    ///
    /// # Panics
    /// When it is not refused.
    pub fn narrow(&mut self, number: u64, step: &ProvenStep) -> String {
        let call = Service::narrowCall {
            id: self.id(),
            position: Position {
                stage: 0,
                phase: 4,
                lower: number,
                width: 1,
                count: self.count,
                claim: self.claim_hash(),
                anchor: word(&step.before),
                disputed: word(&step.after),
                absent: B256::ZERO,
                children: B256::ZERO,
            },
            claim: self.claim.clone(),
            payload: step.witness.clone().into(),
        };
        let data = call.abi_encode().into();
        let sent = self.chain.attempt(PROPOSER, self.service, data, TRANSACTION_GAS);
        self.told(sent.expect_err("the machine stage does not narrow"))
    }
}

fn event<E: SolEvent>(sent: &Sent) -> Option<E> {
    let decoded = sent.logs.iter().find_map(|log| E::decode_log(log).ok());
    decoded.map(|log| log.data)
}

fn word(root: &Root) -> B256 {
    B256::from(root.0)
}
