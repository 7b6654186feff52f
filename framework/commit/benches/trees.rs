//! The root of a 256 MiB value: on one thread by each kernel that this processor has and by scalar Keccak crates, and on two
//! threads.

use core::array;

use divan::counter::BytesCount;
use divan::{Bencher, black_box, main as run_benches};
use opml_commit::{CHUNK_BYTES, KeccakKernel, SLOT_HEIGHT, slot_root_on};
use sha3::Digest;

/// Log2 of the value's bytes, and of the bytes of a block of the scalar trees.
const VALUE_LOG2: usize = 28;
const BLOCK_LOG2: usize = 18;

fn main() {
    run_benches();
}

fn value() -> Vec<u8> {
    (0..1usize << VALUE_LOG2)
        .map(|place| (place.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

fn kernels() -> Vec<&'static str> {
    KeccakKernel::available().into_iter().map(KeccakKernel::name).collect()
}

#[divan::bench(args = kernels(), sample_count = 3, sample_size = 1)]
fn kernel(bencher: Bencher, name: &str) {
    let kernel = KeccakKernel::available()
        .into_iter()
        .find(|kernel| kernel.name() == name)
        .expect("the kernel is listed");
    let value = value();
    bencher
        .counter(BytesCount::new(value.len()))
        .bench_local(|| kernel.subtree_root(black_box(&value), SLOT_HEIGHT));
}

/// By the fastest kernel.
#[divan::bench(args = [2], sample_count = 3, sample_size = 1)]
fn threads(bencher: Bencher, threads: usize) {
    let value = value();
    bencher
        .counter(BytesCount::new(value.len()))
        .bench_local(|| slot_root_on(threads, black_box(&value)));
}

#[divan::bench(types = [sha3::Keccak256, keccak_asm::Keccak256], sample_count = 3, sample_size = 1)]
fn scalar<Sponge: Digest>(bencher: Bencher) {
    let value = value();
    bencher
        .counter(BytesCount::new(value.len()))
        .bench_local(|| scalar_root::<Sponge>(black_box(&value)));
}

/// The root of a value of 2^n whole blocks, block by block as the kernels do it.
fn scalar_root<Sponge: Digest>(value: &[u8]) -> [u8; 32] {
    let hash = |message: &[u8]| -> [u8; 32] {
        let digest = Sponge::digest(message);
        array::from_fn(|place| digest[place])
    };
    let fold = |mut level: Vec<[u8; 32]>| {
        while level.len() > 1 {
            level = level
                .as_chunks::<2>()
                .0
                .iter()
                .map(|pair| hash(pair.as_flattened()))
                .collect();
        }
        level[0]
    };
    let block_root = |block: &[u8]| fold(block.chunks(CHUNK_BYTES).map(hash).collect());
    fold(value.chunks(1 << BLOCK_LOG2).map(block_root).collect())
}
