use opml_commit::{Root, slot_root};
use opml_player::{Account, Agent, ChainError, Challenger, Party, Proposer, Target};

use crate::{Bank, Freeloader, Random, Strategy, Workshop};

/// Wei that every account begins with.
const PURSE: u128 = 100_000_000_000_000_000_000;
/// The most accounts of a spammer.
const SPAM: u64 = 6;
/// The most transactions in a game before somebody who stalls stops.
const STALLS: u64 = 6;

/// An owner and its accounts.
pub(crate) struct Owner {
    pub(crate) strategy: Strategy,
    pub(crate) accounts: Vec<Account>,
}

/// Who takes part in a task.
#[derive(Default)]
pub(crate) struct Cast {
    pub(crate) owners: Vec<Owner>,
    pub(crate) agents: Vec<Box<dyn Agent>>,
}

impl Cast {
    /// A random cast: always one honest verifier; an honest server in most tasks; one to four others.
    pub(crate) fn random(
        bank: &mut dyn Bank,
        workshop: &dyn Workshop,
        model: Root,
        random: &mut Random,
    ) -> Result<Cast, ChainError> {
        let mut strategies = vec![Strategy::HonestVerifier];
        if random.below(8) != 0 {
            strategies.push(Strategy::HonestServer);
        }
        for _ in 0..=random.below(4) {
            let dishonest = &Strategy::ALL[2..];
            strategies.push(dishonest[random.below(dishonest.len() as u64) as usize]);
        }
        // Whoever comes first acts first in a round.
        for place in (1..strategies.len()).rev() {
            strategies.swap(place, random.below(place as u64 + 1) as usize);
        }
        let mut cast = Cast::default();
        for strategy in strategies {
            cast.join(strategy, bank, workshop, model, random)?;
        }
        Ok(cast)
    }

    fn join(
        &mut self,
        strategy: Strategy,
        bank: &mut dyn Bank,
        workshop: &dyn Workshop,
        model: Root,
        random: &mut Random,
    ) -> Result<(), ChainError> {
        let mut accounts = Vec::new();
        let mut account = |bank: &mut dyn Bank| {
            let account = bank.open_account(PURSE)?;
            accounts.push(account);
            Ok::<Account, ChainError>(account)
        };
        let first = account(bank)?;
        let serve = |party: Party| Box::new(Proposer::new(party, model)) as Box<dyn Agent>;
        let verify = |party: Party| Box::new(Challenger::new(party, model)) as Box<dyn Agent>;
        let truth = slot_root(&workshop.truth());
        let dispute =
            |party: Party| Box::new(Challenger::new(party, model).against(Target::Output(truth))) as Box<dyn Agent>;
        let stalling = |party: Party, random: &mut Random| Party {
            stalls_after: Some(random.below(STALLS) as usize),
            ..party
        };
        match strategy {
            Strategy::HonestServer => self.agents.push(serve(workshop.party(first, None))),
            Strategy::HonestVerifier => self.agents.push(verify(workshop.party(first, None))),
            Strategy::Liar => {
                let lie = workshop.lie(random);
                self.agents.push(serve(workshop.party(first, Some(lie))));
            }
            Strategy::StallingLiar => {
                let liar = workshop.party(first, Some(workshop.lie(random)));
                self.agents.push(serve(stalling(liar, random)));
            }
            Strategy::SelfChallenger => {
                let lie = workshop.lie(random);
                let second = account(bank)?;
                self.agents.push(serve(workshop.party(first, Some(lie))));
                let own = Challenger::new(workshop.party(second, None), model).against(Target::Proposer(first));
                self.agents.push(Box::new(own));
            }
            Strategy::FalseChallenger => {
                let lie = workshop.lie(random);
                self.agents.push(dispute(workshop.party(first, Some(lie))));
            }
            Strategy::StallingChallenger => {
                let liar = workshop.party(first, Some(workshop.lie(random)));
                self.agents.push(dispute(stalling(liar, random)));
            }
            Strategy::Spammer => {
                let more = 1 + random.below(SPAM - 1);
                let mut all = vec![first];
                for _ in 0..more {
                    all.push(account(bank)?);
                }
                for one in all {
                    let lie = workshop.lie(random);
                    self.agents.push(dispute(workshop.party(one, Some(lie))));
                }
            }
            Strategy::Freeloader => self.agents.push(Box::new(Freeloader::new(first, model))),
        }
        self.owners.push(Owner { strategy, accounts });
        Ok(())
    }
}
