use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolEvent, SolValue};
use opml_contracts::Service;

use super::{
    BEGINNING, CHALLENGER, CHALLENGER_BOND, Court, PROPOSER, PROPOSER_BOND, RIVAL, SECOND_CHALLENGER, WINDOW, event,
    word,
};
use crate::guest::Guest;

impl Court {
    /// Plays a task up to the opening of the one stage.
    pub(super) fn dispute(&mut self, guest: &Guest) {
        let model = Service::Model {
            program: self.claim.program,
            stages: vec![self.stage],
            vm: self.vm,
            image: word(&guest.image),
            arity: 16,
            inputBytes: guest.values.iter().map(|value| value.len() as u32).collect(),
            outputBytes: guest.output.len() as u32,
            inputsOffchain: false,
            window: WINDOW,
            clockBase: vec![3_600],
            clockUnit: vec![60],
            proposerBond: PROPOSER_BOND,
            challengerBond: CHALLENGER_BOND,
        };
        let registered: Service::ModelRegistered = self.act(PROPOSER, &Service::registerCall { model }, 0);
        let request = Service::requestCall {
            model: registered.model,
            nonce: 1,
            deadline: BEGINNING + WINDOW,
            header: guest.header.clone().into(),
            values: guest.values.iter().map(|value| value.clone().into()).collect(),
        };
        self.task = self.act::<_, Service::Requested>(CHALLENGER, &request, 0).task;
        let propose = Service::proposeCall {
            task: self.task,
            value: guest.output.clone().into(),
            salt: B256::ZERO,
            earlier: B256::ZERO,
        };
        self.result = self
            .act::<_, Service::Proposed>(PROPOSER, &propose, PROPOSER_BOND)
            .result;
        let challenged = self.challenge(CHALLENGER);
        assert_eq!(challenged.position.claim, self.claim_hash());
        let (stored, slot) = (keccak256(challenged.position.abi_encode()), self.slot());
        assert_eq!(
            self.chain.storage(self.service, slot),
            stored,
            "where games lie in storage"
        );
        let open = Service::openCall {
            id: self.id(),
            position: challenged.position,
            claim: self.claim.clone(),
            payload: guest.opening.clone().into(),
        };
        self.count = self.act::<_, Service::StageOpened>(PROPOSER, &open, 0).position.count;
    }

    fn challenge(&mut self, by: Address) -> Service::Challenged {
        let challenge = Service::challengeCall { result: self.result };
        let challenged: Service::Challenged = self.act(by, &challenge, CHALLENGER_BOND);
        (self.game, self.challenger) = (challenged.game, by);
        challenged
    }

    /// Another party opens a game on the result; the moves to come are made in that one.
    ///
    /// # Panics
    /// When it is refused.
    pub fn challenge_again(&mut self) {
        self.challenge(SECOND_CHALLENGER);
    }

    fn act<C: SolCall, E: SolEvent>(&mut self, by: Address, call: &C, wei: u128) -> E {
        let sent = self
            .chain
            .send(by, self.service, call.abi_encode().into(), U256::from(wei));
        let sent = sent.unwrap_or_else(|error| panic!("{}: {}", C::SIGNATURE, self.told(error)));
        event(&sent).unwrap_or_else(|| panic!("{} emits no {}", C::SIGNATURE, E::SIGNATURE))
    }

    /// Another proposer posts a result after the first one, and the second challenger opens a game on it; the moves to come are
    /// made in that one.
    ///
    /// # Panics
    /// When it is refused.
    pub fn rival(&mut self, value: &[u8]) {
        let propose = Service::proposeCall {
            task: self.task,
            value: value.to_vec().into(),
            salt: B256::ZERO,
            earlier: self.result,
        };
        let proposed: Service::Proposed = self.act(RIVAL, &propose, PROPOSER_BOND);
        self.result = proposed.result;
        self.claim.output = proposed.output;
        self.challenge(SECOND_CHALLENGER);
    }

    /// Releases or slashes the result, once another one is final.
    ///
    /// # Panics
    /// When it is refused.
    pub fn settle(&mut self) {
        let call = Service::settleCall { result: self.result };
        let _: Service::Settled = self.act(CHALLENGER, &call, 0);
    }

    /// Credits the result's won stakes.
    ///
    /// # Panics
    /// When it is refused.
    pub fn collect(&mut self) {
        let call = Service::collectCall { result: self.result };
        let sent = self
            .chain
            .send(CHALLENGER, self.service, call.abi_encode().into(), U256::ZERO);
        assert!(sent.is_ok(), "{sent:?}");
    }

    /// Makes the result final after its window.
    ///
    /// # Panics
    /// When it is refused.
    pub fn finalise(&mut self) {
        self.pass(WINDOW + 1);
        let call = Service::finaliseCall { task: self.task };
        let _: Service::Finalised = self.act(CHALLENGER, &call, 0);
    }

    /// Lets so many seconds pass from the beginning on.
    pub fn pass(&mut self, seconds: u64) {
        self.chain.set_time(BEGINNING + seconds);
    }

    /// Wei that the proposer, the first challenger, the second one and the other proposer may withdraw.
    ///
    /// # Panics
    /// Never.
    pub fn credits(&mut self) -> [u128; 4] {
        [PROPOSER, CHALLENGER, SECOND_CHALLENGER, RIVAL].map(|party| {
            let call = Service::creditCall { party };
            let (credit, _) = self.chain.call(self.service, &call).expect("a credit");
            u128::try_from(credit).expect("less than all ether")
        })
    }
}
