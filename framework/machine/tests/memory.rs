//! The memory against a map of chunks and the recursive tree over it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use opml_commit::{Root, chunk_zero, fold, keccak256, node, slot_root};
use opml_engine::{Region, VmError};
use opml_machine::{Memory, Words, is_writable};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// Chunks by index; absent ones are zero.
#[derive(Clone, Default)]
struct Oracle(BTreeMap<u64, [u8; 128]>);

impl Oracle {
    fn write(&mut self, address: u32, bytes: &[u8]) {
        for (at, byte) in (u64::from(address)..).zip(bytes) {
            self.0.entry(at / 128).or_insert([0; 128])[at as usize % 128] = *byte;
        }
    }

    fn store(&mut self, address: u32, word: u32, mask: u32) {
        if is_writable(address) {
            let new = self.word(address) & !mask | word & mask;
            self.write(address & !3, &new.to_le_bytes());
        }
    }

    fn word(&self, address: u32) -> u32 {
        u32::from_le_bytes(core::array::from_fn(|at| self.byte(address & !3 | at as u32)))
    }

    fn byte(&self, address: u32) -> u8 {
        self.0
            .get(&(u64::from(address) / 128))
            .map_or(0, |chunk| chunk[address as usize % 128])
    }

    fn node(&self, height: u8, index: u64) -> Root {
        if self.0.range(index << height..(index + 1) << height).next().is_none() {
            chunk_zero(height)
        } else if height == 0 {
            keccak256(&self.0[&index])
        } else {
            node(&self.node(height - 1, 2 * index), &self.node(height - 1, 2 * index + 1))
        }
    }
}

fn region(address: u32, bytes: Vec<u8>) -> Region {
    Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    }
}

#[derive(Clone, Debug)]
enum Action {
    Store(u32, u32, u32),
    Load(u32),
    FlatStores(Vec<(u32, u32, u32)>),
    FlatLoad(u32),
    DropFlat,
    Write(u32, Vec<u8>),
    Root,
    Node(u8, u32),
    Fork,
    Swap,
}

/// Addresses near mounted bytes, near the ends of slots, and anywhere.
fn address() -> impl Strategy<Value = u32> {
    prop_oneof![
        (0u32..16, 0u32..10_000).prop_map(|(slot, offset)| slot << 28 | offset),
        (2u32..4, 0u32..10_000, 0u32..3).prop_map(|(slot, offset, far)| slot << 28 | far << 20 | offset),
        (0u32..16, 0u32..300).prop_map(|(slot, back)| (slot << 28).wrapping_sub(back)),
        any::<u32>(),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let mask = prop_oneof![Just(u32::MAX), Just(0xff00), any::<u32>()];
    prop_oneof![
        6 => (address(), any::<u32>(), mask.clone()).prop_map(|(address, word, mask)| Action::Store(address, word, mask)),
        4 => address().prop_map(Action::Load),
        4 => proptest::collection::vec((address(), any::<u32>(), mask), 1..4).prop_map(Action::FlatStores),
        2 => address().prop_map(Action::FlatLoad),
        1 => Just(Action::DropFlat),
        1 => (address(), proptest::collection::vec(any::<u8>(), 0..300)).prop_map(|(at, bytes)| Action::Write(at, bytes)),
        2 => Just(Action::Root),
        2 => (0u8..26, address()).prop_map(|(height, address)| Action::Node(height, address >> 7)),
        1 => Just(Action::Fork),
        1 => Just(Action::Swap),
    ]
}

fn regions() -> impl Strategy<Value = Vec<Region>> {
    let bytes = |most| proptest::collection::vec(any::<u8>(), 0..most);
    (
        bytes(9000),
        bytes(1500),
        bytes(200),
        bytes(9000),
        bytes(700),
        bytes(300),
    )
        .prop_map(|(image, record, call, output, input, tail)| {
            let root = slot_root(&input);
            let tail_at = (0x7000_0000u32).wrapping_sub(tail.len() as u32);
            let mut all = vec![
                region(0, image),
                region(0x1000_0000, record),
                region(0x1800_0000, call),
                region(0x3000_0000, output),
                region(0x3020_0f83, vec![9; 150]),
                region(tail_at.min(0x6fff_ffff), tail),
            ];
            all.push(Region {
                slot_root: Some(root),
                ..region(0x4000_0000, input)
            });
            all
        })
}

fn check(memory: &mut Memory, oracle: &mut Oracle, action: &Action) -> Result<(), TestCaseError> {
    match action {
        Action::Store(address, word, mask) => {
            memory.view().store(*address, *word, *mask);
            oracle.store(*address, *word, *mask);
        }
        Action::Load(address) => {
            let expected = oracle.word(*address);
            prop_assert_eq!(memory.view().load(*address), expected);
            prop_assert_eq!(memory.read(address & !3, 4), expected.to_le_bytes().to_vec());
        }
        Action::FlatStores(stores) => {
            for (address, word, mask) in stores {
                oracle.store(*address, *word, *mask);
            }
            match memory.flat() {
                Some(mut flat) => stores
                    .iter()
                    .for_each(|(address, word, mask)| flat.store(*address, *word, *mask)),
                None => stores
                    .iter()
                    .for_each(|(address, word, mask)| memory.view().store(*address, *word, *mask)),
            }
        }
        Action::FlatLoad(address) => {
            if let Some(mut flat) = memory.flat() {
                prop_assert_eq!(flat.load(*address), oracle.word(*address));
            }
        }
        Action::DropFlat => memory.drop_flat(),
        Action::Write(address, bytes) => {
            let legal = (*address..).zip(bytes).all(|(at, _)| is_writable(at)) && is_writable(*address);
            let done = memory.write(*address, bytes);
            prop_assert_eq!(done.is_ok(), legal, "{:?}", done);
            if legal {
                oracle.write(*address, bytes);
            }
        }
        Action::Root => prop_assert_eq!(memory.root(), oracle.node(25, 0)),
        Action::Node(height, chunk) => {
            let index = u64::from(*chunk >> height);
            let own = memory.node(*height, index);
            prop_assert_eq!(own, oracle.node(*height, index));
            let path = memory.path(*height, index);
            prop_assert_eq!(path.len(), usize::from(25 - height));
            prop_assert_eq!(fold(own, index, &path), oracle.node(25, 0));
        }
        Action::Fork | Action::Swap => {}
    }
    Ok(())
}

/// Runs `actions` on a memory over `regions`, on its fork and on the map.
fn act(regions: &[Region], actions: &[Action]) -> Result<(), TestCaseError> {
    let mut memory = Memory::new(regions).expect("the regions are disjoint");
    let mut oracle = Oracle::default();
    regions
        .iter()
        .for_each(|region| oracle.write(region.address, &region.bytes));
    let mut other = (memory.fork(), oracle.clone());
    for action in actions {
        check(&mut memory, &mut oracle, action)?;
        match action {
            Action::Fork => other = (memory.fork(), oracle.clone()),
            Action::Swap => {
                core::mem::swap(&mut memory, &mut other.0);
                core::mem::swap(&mut oracle, &mut other.1);
            }
            _ => {}
        }
    }
    prop_assert_eq!(memory.root(), oracle.node(25, 0));
    prop_assert_eq!(other.0.root(), other.1.node(25, 0));
    Ok(())
}

/// Twelve runs of random actions from a seed.
fn random_runs(seed: u64) {
    let config = ProptestConfig {
        cases: 12,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let input = (regions(), proptest::collection::vec(action(), 1..60));
    let outcome = TestRunner::new_with_rng(config, rng).run(&input, |(regions, actions)| act(&regions, &actions));
    if let Err(failure) = outcome {
        panic!("seed {seed}: {failure}");
    }
}

#[test]
fn random_actions_equal_a_map_of_chunks() {
    (0..8).for_each(random_runs);
    let Ok(seconds) = std::env::var("OPML_FUZZ_SECONDS") else {
        return;
    };
    let end = Instant::now() + Duration::from_secs(seconds.parse().expect("a number of seconds"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let first = now.expect("a clock past 1970").as_nanos() as u64;
    (first..).take_while(|_| Instant::now() < end).for_each(random_runs);
}

#[test]
fn a_known_root_is_taken_without_hashing() {
    let claimed = keccak256(b"any root");
    let mounted = Region {
        slot_root: Some(claimed),
        ..region(0x5000_0000, vec![1, 2, 3])
    };
    let mut memory = Memory::new(&[mounted]).expect("one region");
    assert_eq!(memory.node(21, 5), claimed);
    assert_eq!(
        memory.node(20, 10),
        Oracle(BTreeMap::from([(0, padded(&[1, 2, 3]))])).node(20, 0)
    );
}

fn padded(bytes: &[u8]) -> [u8; 128] {
    let mut chunk = [0; 128];
    chunk[..bytes.len()].copy_from_slice(bytes);
    chunk
}

#[test]
fn regions_that_do_not_fit_are_refused() {
    let refused = |regions: &[Region]| matches!(Memory::new(regions), Err(VmError::Region { .. }));
    assert!(refused(&[region(0x0fff_ffff, vec![1, 2])]));
    assert!(refused(&[region(0xffff_ffff, vec![1, 2])]));
    assert!(refused(&[region(0x10, vec![1; 8]), region(0x17, vec![1])]));
    assert!(refused(&[region(0x17, vec![1]), region(0x10, vec![1; 8])]));
    let known = |address, bytes| Region {
        slot_root: Some(Root::ZERO),
        ..region(address, bytes)
    };
    assert!(refused(&[known(0x4000_0080, vec![1])]));
    assert!(refused(&[known(0x4000_0000, vec![1]), region(0x4000_1000, vec![1])]));
    assert!(!refused(&[
        region(0x10, vec![1; 7]),
        region(0x17, vec![1]),
        region(0x0fff_ffff, vec![1])
    ]));
}

#[test]
fn no_address_or_node_is_illegal() {
    let mut memory = Memory::new(&[]).expect("empty");
    assert_eq!(memory.root(), chunk_zero(25));
    assert_eq!(memory.read(0xffff_fff0, usize::MAX), vec![0; 16]);
    assert_eq!(memory.node(25, 1), chunk_zero(25));
    assert_eq!(memory.node(255, u64::MAX), chunk_zero(63));
    assert_eq!(memory.node(0, u64::MAX), chunk_zero(0));
    assert!(memory.path(26, 0).is_empty());
    assert_eq!(memory.view().load(u32::MAX), 0);
    memory.view().store(u32::MAX, 1, 1);
    assert_eq!(memory.root(), chunk_zero(25));
    assert!(memory.write(0x3fff_ffff, &[1, 2]).is_err());
    assert!(memory.write(0x3fff_ffff, &[1]).is_ok());
    assert_eq!(memory.read(0x3fff_fffe, 4), vec![0, 1, 0, 0]);
    assert_eq!(memory.leading(16), Bytes::new());
}

#[test]
fn a_store_of_zero_leaves_one_root_for_one_content() {
    let mut memory = Memory::new(&[]).expect("empty");
    memory.view().store(0x2000_0000, 0, u32::MAX);
    assert_eq!(memory.root(), chunk_zero(25));
    memory.view().store(0x3123_4560, 7, u32::MAX);
    assert_ne!(memory.root(), chunk_zero(25));
    memory.view().store(0x3123_4560, 0, u32::MAX);
    assert_eq!(memory.root(), chunk_zero(25));
}
