use opml_chain_embedded::EmbeddedChain;
use opml_contracts::{Called, Outcome, Refusals, Registered, Transport, called, decode_event};
use opml_engine::Winner;
use opml_player::{Account, Event, Fate, Terms, World};

use super::words;
use crate::report::{Transaction, Transcript, from_hex, own_artifacts};

/// Wei that every sender has.
const PURSE: u128 = 1 << 100;

/// The contracts at the addresses of the play, and what they said so far.
pub(super) struct Judge {
    chain: EmbeddedChain,
    service: Account,
    refusals: Refusals,
    world: World,
    words: words::Words,
}

impl Judge {
    /// A judge with the transcript's contracts, which must be this program's own.
    pub(super) fn new(transcript: &Transcript, pipeline: &[String]) -> Result<Judge, String> {
        let mut chain = EmbeddedChain::default();
        let mut refusals = Refusals::default();
        let own = own_artifacts();
        for (part, contract) in &transcript.contracts {
            let artifact = own
                .get(part)
                .ok_or_else(|| format!("this program has no contract `{part}`"))?;
            let hash = artifact.code_hash().to_string();
            if hash != contract.code_hash {
                return Err(format!(
                    "the contract `{part}` was {}, this program's is {hash}: judge with the version that wrote the report",
                    contract.code_hash
                ));
            }
            chain.place(&account(&contract.address)?, artifact.runtime_code().clone());
            refusals.learn(artifact);
        }
        let service = transcript.contracts.get("service").ok_or("it names no service")?;
        let registration = bytes(&transcript.registration)?;
        let mut judge = Judge {
            chain,
            service: account(&service.address)?,
            refusals,
            world: World::default(),
            words: words::Words::new(pipeline),
        };
        let Some(Called::Register(terms)) = called(&registration)?.into_iter().next() else {
            return Err("its registration registers nothing".into());
        };
        let registered_inside = transcript
            .transactions
            .iter()
            .any(|made| made.data == transcript.registration);
        if !registered_inside {
            let registrar = Account([0x11; 20]);
            judge.send(&registrar, 0, registration, None).map(|_| ())?;
        }
        judge.words.terms = Some(terms);
        Ok(judge)
    }

    /// Makes a transaction again; says in words what it did.
    pub(super) fn hear(&mut self, made: &Transaction) -> Result<Vec<String>, String> {
        let data = bytes(&made.data)?;
        let value = made
            .value
            .parse()
            .map_err(|_| format!("`{}` is no amount of wei", made.value))?;
        let calls = called(&data)?;
        let sender = account(&made.sender)?;
        self.words.know(sender, &made.by);
        let (gas, events) = self.send(&sender, value, data, Some(made.timestamp))?;
        if gas != made.gas {
            return Err(format!("it takes {gas} gas, the report says {}", made.gas));
        }
        Ok(self.words.told(&calls, &events, value))
    }

    fn send(
        &mut self,
        from: &Account,
        value: u128,
        data: Vec<u8>,
        timestamp: Option<u64>,
    ) -> Result<(u64, Vec<Event>), String> {
        let failed = |error: opml_contracts::TransportError| error.to_string();
        if self.chain.balance(from).map_err(failed)? < PURSE / 2 {
            self.chain.fund(from, PURSE).map_err(failed)?;
        }
        if let Some(timestamp) = timestamp {
            self.chain.set_next_time(timestamp);
        }
        let sent = self
            .chain
            .send(&opml_contracts::Transaction {
                from: *from,
                to: Some(self.service),
                value,
                data: data.into(),
            })
            .map_err(failed)?;
        match sent.outcome {
            Outcome::Returned(_) => {}
            Outcome::Reverted(reason) => {
                return Err(format!("the contract refuses it: {}", self.refusals.explain(&reason)));
            }
            Outcome::Halted(reason) => return Err(format!("it stops: {reason}")),
        }
        if timestamp.is_some_and(|timestamp| timestamp != sent.timestamp) {
            return Err(format!(
                "it cannot be at second {}: the one before it is later",
                timestamp.unwrap_or(0)
            ));
        }
        let service = self.service;
        let own = sent.logs.iter().filter(|log| log.address == service);
        let events = own.map(decode_event).collect::<Result<Vec<Event>, String>>()?;
        for event in &events {
            if let (Event::Registered { model }, Some(terms)) = (event, self.terms()) {
                self.world.follow(*model, terms);
            }
            self.world.see(event, sent.timestamp);
        }
        Ok((sent.gas, events))
    }

    /// The model's terms as far as games need them.
    fn terms(&self) -> Option<Terms> {
        let registered: &Registered = self.words.terms.as_ref()?;
        Some(Terms {
            program: registered.program,
            stages: self.words.stages.clone(),
            vm: String::new(),
            image: registered.image,
            arity: registered.arity,
            input_bytes: Vec::new(),
            output_bytes: 0,
            inputs_offchain: false,
            window: registered.window,
            clocks: registered.clocks.clone(),
            proposer_bond: registered.proposer_bond,
            challenger_bond: registered.challenger_bond,
        })
    }

    /// The winner of the game and whether a clock decided it; `None` when there was none.
    pub(super) fn verdict(&self) -> Option<(&'static str, bool)> {
        let resolution = self.world.games().find_map(|view| view.resolution)?;
        let winner = match resolution.winner {
            Some(Winner::Defender) => "defender",
            Some(Winner::Challenger) => "challenger",
            None => "closed",
        };
        Some((winner, resolution.by_timeout))
    }

    /// The result's output and whether it became final.
    pub(super) fn fate(&self) -> Option<(String, bool)> {
        let result = self.world.results().next()?;
        Some((result.output.to_string(), result.fate == Fate::Final))
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    from_hex(text).ok_or_else(|| "its data is not hexadecimal".into())
}

fn account(text: &str) -> Result<Account, String> {
    let bytes = from_hex(text).and_then(|bytes| bytes.try_into().ok());
    bytes.map(Account).ok_or_else(|| format!("`{text}` is no address"))
}
