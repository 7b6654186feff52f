use opml_commit::Root;
use opml_engine::{Claim, Opening, Position, Trace};
use opml_player::{Account, Action, Chain, ChainError, Event, GameId, Move, Party, Receipt, Role};

use super::{ETHER, PURSE, World};

/// A liar's result with two games on it.
pub(crate) struct Table {
    pub(crate) world: World,
    pub(crate) liar: Party,
    pub(crate) games: [GameId; 2],
    pub(crate) claim: Claim,
    pub(crate) position: Position,
}

impl Table {
    pub(crate) fn new(passes: u64, steps: u64, lie: &[u64]) -> Table {
        let mut world = World::new(passes, None, steps);
        let request = world.request();
        let liar = world.party(Role::Proposer, Some(lie));
        let model = world
            .chain
            .register(&world.requester, &request.terms)
            .expect("it registers")
            .model;
        let ask = Action::Request {
            model,
            nonce: 1,
            deadline: world.chain.now().expect("the time") + 3600,
            header: liar.entrance.header(),
            values: request.values.clone(),
            fee: 0,
        };
        let requester = world.requester;
        let receipt = world.chain.act(&requester, &ask).expect("requested");
        let Some(Event::Requested { task, inputs, .. }) = receipt.events.first().cloned() else {
            panic!("{receipt:?}")
        };
        let (program, _) = liar
            .entrance
            .enter(&request.values, liar.store.as_ref())
            .expect("it enters");
        let output = liar.stages[0]
            .evaluate(&program, &inputs, liar.store.as_ref(), liar.fault.as_ref())
            .expect("it computes");
        let value = liar.store.get(&output).expect("its bytes");
        assert_ne!(value[..], world.truth()[..], "the lie is seen in the output");
        let propose = Action::Propose {
            task,
            value,
            salt: Root::ZERO,
            earlier: Root::ZERO,
            bond: ETHER,
        };
        let receipt = world.chain.act(&liar.account, &propose).expect("posted");
        let Some(Event::Proposed { result, .. }) = receipt.events.first().cloned() else {
            panic!("{receipt:?}")
        };
        let claim = Claim {
            program,
            inputs,
            output,
        };
        let other = world.chain.transport().create_account(PURSE);
        let bond = ETHER / 10;
        let games = [world.challenger, other].map(|challenger| {
            let action = Action::Challenge { result, bond };
            world.chain.act(&challenger, &action).expect("challenged");
            GameId { result, challenger }
        });
        assert_eq!(world.held(), ETHER + 2 * bond);
        Table {
            world,
            liar,
            games,
            claim,
            position: Position::start(0, claim.hash()),
        }
    }

    pub(crate) fn play(&mut self, by: Account, game: usize, made: Move) -> Result<Receipt, ChainError> {
        let action = Action::Play {
            game: self.games[game],
            moves: vec![made],
        };
        self.world.chain.act(&by, &action)
    }

    pub(crate) fn refused(&mut self, by: Account, made: Move, name: &str) {
        match self.play(by, 0, made) {
            Err(ChainError::Refused { reason, .. }) => assert!(reason.starts_with(name), "{reason} is not {name}"),
            other => panic!("{other:?} is not refused with {name}"),
        }
    }

    pub(crate) fn open(&self, opening: &Opening) -> Move {
        Move::Open {
            position: self.position,
            claim: self.claim,
            payload: opening.payload.clone(),
        }
    }

    pub(crate) fn reveal(&self, roots: &[Root]) -> Move {
        Move::Reveal {
            position: self.position,
            roots: roots.to_vec(),
        }
    }

    pub(crate) fn reject(&self, roots: &[Root], child: u64) -> Move {
        Move::Reject {
            position: self.position,
            roots: roots.to_vec(),
            child,
        }
    }

    pub(crate) fn trace(&self) -> Box<dyn Trace> {
        let store = self.liar.store.as_ref();
        let trace = self.liar.stages[0].open(&self.claim, store, self.liar.fault.as_ref());
        trace.expect("it opens")
    }
}
