//! Changes of a packed folder.

use super::json;
use super::options;
use super::packed::Packed;
use super::shard::Shard;
use crate::random::Random;

const WEIGHTS: usize = 4;

/// Changes a few things in one file, or which files there are.
pub(super) fn change(packed: &mut Packed, random: &mut Random) {
    match random.below(16) {
        0 => {
            let place = random.below(Packed::NAMES.len());
            packed.file(place).clear();
        }
        1 => {
            let bytes = packed.file(WEIGHTS).len() + random.below(options::COUNT);
            packed.file(WEIGHTS).resize(bytes, 0);
        }
        2..=5 => {
            if let Some(mut shard) = Shard::read(packed.file(WEIGHTS)) {
                shard.change(random);
                *packed.file(WEIGHTS) = shard.written();
            }
        }
        6..=9 => json::change_file(packed.file(0), random),
        10..=13 => json::change_file(packed.file(1), random),
        14 => json::change_file(packed.file(2), random),
        _ => json::change_file(packed.file(3), random),
    }
}
