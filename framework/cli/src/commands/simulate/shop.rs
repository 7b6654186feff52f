use bytes::Bytes;
use opml_engine::{Fault, FaultPart, MemoryStore, evaluate_lie};
use opml_player::{Account, Party, Request, Terms};
use opml_simulation::{Random, Workshop};

use crate::play::parties::seated;
use crate::play::scene::{Scene, terms};

/// Bytes among which a lie's is chosen; a smaller output refuses what lies beyond it.
const LIE_BYTES: u64 = 512;
/// Steps among which a lie's is chosen.
const LIE_STEPS: u64 = 1 << 17;
/// Places that are tried until a lie shows.
const TRIES: usize = 400;

/// Tasks over a spec's model and input.
pub(super) struct ModelShop<'a> {
    scene: &'a Scene,
    terms: Terms,
    truth: Bytes,
}

impl<'a> ModelShop<'a> {
    pub(super) fn new(scene: &'a Scene, truth: Bytes) -> ModelShop<'a> {
        ModelShop {
            scene,
            terms: terms(scene),
            truth,
        }
    }

    /// A place somewhere in the pipeline.
    fn place(&self, random: &mut Random) -> Fault {
        let stages = self.scene.kinds.len() as u64;
        let depth = 1 + random.below(stages);
        let path = self.scene.kinds.iter().take(depth as usize).map(|kind| match *kind {
            "instruction" => random.below(LIE_STEPS),
            "graph" => random.below(self.scene.converted.model.nodes.len() as u64),
            _ => random.below(16),
        });
        let path = path.collect();
        Fault {
            path,
            part: FaultPart::Output {
                byte: random.below(LIE_BYTES),
            },
        }
    }

    fn shows(&self, fault: &Fault) -> bool {
        let store = MemoryStore::default();
        let pipeline = &self.scene.pipeline;
        let Ok(inputs) = pipeline.entry.request(&self.scene.values, &store) else {
            return false;
        };
        evaluate_lie(
            pipeline.stages[0].as_ref(),
            &pipeline.entry.program(),
            &inputs,
            &store,
            fault,
        )
        .is_ok()
    }
}

impl Workshop for ModelShop<'_> {
    fn request(&self, requester: Account, nonce: u64) -> Request {
        let game = &self.scene.spec.game;
        Request {
            terms: self.terms.clone(),
            requester,
            nonce,
            values: self.scene.values.clone(),
            fee: game.fee.0,
            posting_time: game.window.0,
            begun: None,
        }
    }

    fn header(&self) -> Bytes {
        Bytes::copy_from_slice(self.scene.pipeline.entry.header())
    }

    fn party(&self, account: Account, fault: Option<Fault>) -> Party {
        seated(account, fault, self.scene)
    }

    /// One that is tried before it is told; when none is found, a false output without false work behind it.
    fn lie(&self, random: &mut Random) -> Fault {
        let places = (0..TRIES).map(|_| self.place(random));
        places.into_iter().find(|fault| self.shows(fault)).unwrap_or(Fault {
            path: Vec::new(),
            part: FaultPart::Output { byte: 0 },
        })
    }

    fn truth(&self) -> Bytes {
        self.truth.clone()
    }
}
