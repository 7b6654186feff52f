use bytes::Bytes;
use opml_engine::{Fault, FaultPart};
use opml_player::{Account, Party, Request};
use opml_simulation::{Random, Workshop};

use crate::play::parties::{check, seated};
use crate::play::scene::{Scene, request};

/// Bytes among which a lie's is chosen; a smaller output refuses what lies beyond it.
const LIE_BYTES: u64 = 512;
/// Steps among which a lie's is chosen.
const LIE_STEPS: u64 = 1 << 17;
/// Places that are tried until a lie shows.
const TRIES: usize = 400;

/// Tasks over a spec's model and input.
pub(super) struct ModelShop<'a> {
    scene: &'a Scene,
    truth: Bytes,
}

impl<'a> ModelShop<'a> {
    pub(super) fn new(scene: &'a Scene, truth: Bytes) -> ModelShop<'a> {
        ModelShop { scene, truth }
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
}

impl Workshop for ModelShop<'_> {
    fn request(&self, requester: Account, nonce: u64) -> Request {
        request(self.scene, requester, nonce)
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
        places
            .into_iter()
            .find(|fault| check(fault, self.scene).is_ok())
            .unwrap_or(Fault {
                path: Vec::new(),
                part: FaultPart::Output { byte: 0 },
            })
    }

    fn truth(&self) -> Bytes {
        self.truth.clone()
    }
}
