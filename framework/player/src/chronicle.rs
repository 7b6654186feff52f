use crate::{BlockId, Chain, ChainError, World};

/// Follows a chain's events and keeps the [`World`] that they tell. When a block that it has read is no longer the chain's, it forgets
/// everything and reads again: a world is a function of events and of nothing else.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    world: World,
    from: u64,
    /// The last block that it has read something of, its time, and how many of its events.
    last: Option<(BlockId, u64, usize)>,
    rereads: usize,
}

impl Chronicle {
    /// Reads from block `from` on; `world` says which models it follows.
    pub fn new(world: World, from: u64) -> Chronicle {
        Chronicle {
            world,
            from,
            last: None,
            rereads: 0,
        }
    }

    /// What the events read so far tell.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// How often the chain took back what it had said.
    pub fn rereads(&self) -> usize {
        self.rereads
    }

    /// Reads what is new. Says whether there was anything.
    pub fn catch_up(&mut self, chain: &mut dyn Chain) -> Result<bool, ChainError> {
        if let Some((block, ..)) = self.last
            && chain.block_hash(block.number)? != Some(block.hash)
        {
            self.reread();
        }
        let start = self.last.map_or(self.from, |(block, ..)| block.number);
        let mut skip = self.last.map_or(0, |(_, _, read)| read);
        let mut news = false;
        for observed in chain.events(start)? {
            if skip > 0 {
                // The chain may have re-organised between the two answers.
                if self.last.is_some_and(|(block, ..)| block != observed.block) {
                    self.reread();
                    return self.catch_up(chain).map(|_| true);
                }
                skip -= 1;
                continue;
            }
            let time = match self.last {
                Some((block, time, read)) if block == observed.block => {
                    self.last = Some((block, time, read + 1));
                    time
                }
                _ => {
                    let time = chain.block_time(observed.block.number)?.unwrap_or(0);
                    self.last = Some((observed.block, time, 1));
                    time
                }
            };
            self.world.see(&observed.event, time);
            news = true;
        }
        Ok(news)
    }

    fn reread(&mut self) {
        self.world = self.world.forgotten();
        self.last = None;
        self.rereads += 1;
    }
}
