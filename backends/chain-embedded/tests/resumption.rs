//! Agents know nothing but what the chain says: made anew they go on, and a chain that takes back what it said is read again.

mod counter;

use counter::World;
use opml_engine::Winner;
use opml_player::{
    Agent, Arena, Asked, Challenger, Chronicle, Fate, Party, PlayerEvent, Proposer, Requester, Role, ask,
};

struct Stage {
    world: World,
    asked: Asked,
    parties: [Party; 2],
}

impl Stage {
    fn new(lies: [Option<&[u64]>; 2]) -> Stage {
        let mut world = World::new(37, None, 300);
        let parties = [
            world.party(Role::Proposer, lies[0]),
            world.party(Role::Challenger, lies[1]),
        ];
        let request = world.request();
        let asked = ask(&mut world.chain, &request, parties[0].entrance.header(), &mut ()).expect("asked");
        Stage { world, asked, parties }
    }

    fn chronicle(&self) -> Chronicle {
        let mut known = opml_player::World::default();
        known.follow(self.asked.model, self.world.request().terms);
        Chronicle::new(known, self.asked.block)
    }

    /// The parties' means, with stores that hold nothing.
    fn afresh(&self) -> [Party; 2] {
        self.parties.clone().map(|party| Party {
            store: std::sync::Arc::new(opml_engine::MemoryStore::default()),
            ..party
        })
    }

    /// Runs agents made anew for so many rounds, or to the end; gives what they then know and the times they read anew.
    fn run(&mut self, rounds: Option<usize>, chronicle: Chronicle) -> (Chronicle, Vec<PlayerEvent>) {
        let [server, verifier] = self.afresh();
        let mut server = Proposer::new(server, self.asked.model);
        let mut verifier = Challenger::new(verifier, self.asked.model);
        let mut requester = Requester::new(self.world.requester);
        let mut agents: [&mut dyn Agent; 3] = [&mut server, &mut verifier, &mut requester];
        let mut events = Vec::new();
        let mut arena = Arena::new(&mut self.world.chain, chronicle, &mut events);
        match rounds {
            None => arena.run(&mut agents).expect("it is played"),
            Some(rounds) => (0..rounds).for_each(|_| {
                arena.round(&mut agents).expect("a round");
            }),
        }
        let chronicle = arena.chronicle().clone();
        (chronicle, events)
    }
}

fn winner(chronicle: &Chronicle) -> Option<Winner> {
    let mut games = chronicle.world().games();
    games.next().and_then(|view| view.resolution?.winner)
}

#[test]
fn agents_made_anew_after_every_round_reach_the_same_verdict() {
    for (lies, expected) in [
        ([Some(&[21, 254][..]), None], Winner::Challenger),
        ([None, Some(&[36, 0][..])], Winner::Defender),
    ] {
        let mut stage = Stage::new(lies);
        for _ in 0..12 {
            let chronicle = stage.chronicle();
            stage.run(Some(1), chronicle);
        }
        let chronicle = stage.chronicle();
        let (chronicle, _) = stage.run(None, chronicle);
        assert_eq!(winner(&chronicle), Some(expected));
        let fates: Vec<Fate> = chronicle.world().results().map(|result| result.fate).collect();
        assert_eq!(
            fates,
            [if expected == Winner::Defender {
                Fate::Final
            } else {
                Fate::Dead
            }]
        );
    }
}

#[test]
fn a_reorganised_chain_is_read_again_and_played_to_the_same_end() {
    for rounds in 1..9 {
        let mut stage = Stage::new([Some(&[21, 254]), None]);
        let chronicle = stage.chronicle();
        let (_, _) = stage.run(Some(rounds / 2), chronicle);
        let checkpoint = stage.world.chain.transport().checkpoint();
        let chronicle = stage.chronicle();
        let (chronicle, _) = stage.run(Some(rounds), chronicle);
        stage.world.chain.transport().reorganise(&checkpoint);
        let (chronicle, _) = stage.run(None, chronicle);
        assert_eq!(chronicle.rereads(), 1, "{rounds} rounds");
        assert_eq!(winner(&chronicle), Some(Winner::Challenger), "{rounds} rounds");
    }
}
