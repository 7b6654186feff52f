//! What the memory costs: forks, roots, the flat form.

use bytes::Bytes;
use divan::Bencher;
use opml_commit::{CHUNK_BYTES, Root, keccak256, node};
use opml_engine::Region;
use opml_machine::{Memory, Words};

fn main() {
    divan::main();
}

const MIB: usize = 1 << 20;

fn region(address: u32, bytes: Vec<u8>) -> Region {
    Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    }
}

/// A program, a record, a call and two small inputs.
fn small() -> Memory {
    let regions = [
        region(0, vec![1; 300_000]),
        region(0x1000_0000, vec![2; 1024]),
        region(0x1800_0000, vec![3; 128]),
        region(0x4000_0000, vec![4; 4096]),
        region(0x5000_0000, vec![5; 4096]),
    ];
    Memory::new(&regions).expect("the regions are disjoint")
}

/// [`small`] with 64 MiB of written pages in slot 3.
fn large() -> Memory {
    let mut memory = small();
    let bytes: Vec<u8> = (0..64 * MIB).map(|at| (at % 251) as u8 | 1).collect();
    memory.write(0x3000_0000, &bytes).expect("in slot 3");
    memory
}

fn memory(name: &str) -> Memory {
    if name == "small" { small() } else { large() }
}

#[divan::bench(args = ["small", "large"], sample_count = 50)]
fn fork(bencher: Bencher<'_, '_>, name: &str) {
    let memory = memory(name);
    bencher.bench_local(|| memory.fork());
}

#[divan::bench(sample_count = 50)]
fn first_flat_form_of_a_boot(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(small).bench_local_refs(|memory| {
        memory
            .flat()
            .expect("the platform has it")
            .store(0x2000_0000, 1, u32::MAX);
    });
}

#[divan::bench(args = ["small", "large"], sample_count = 50)]
fn flat_form_of_a_fork(bencher: Bencher<'_, '_>, name: &str) {
    let mut memory = memory(name);
    memory.flat().expect("the platform has it");
    bencher.with_inputs(|| memory.fork()).bench_local_refs(|fork| {
        fork.flat()
            .expect("the platform has it")
            .store(0x2000_0000, 1, u32::MAX);
    });
}

#[divan::bench(sample_count = 50)]
fn dropping_a_flat_form(bencher: Bencher<'_, '_>) {
    let with_flat = || {
        let mut memory = small();
        memory
            .flat()
            .expect("the platform has it")
            .store(0x2000_0000, 1, u32::MAX);
        memory
    };
    bencher.with_inputs(with_flat).bench_local_refs(Memory::drop_flat);
}

#[divan::bench(sample_count = 5)]
fn root_of_64_mib_written(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(large).bench_local_refs(Memory::root);
}

/// The same hashes one at a time, of bytes in a row: what the root is measured against.
#[divan::bench(sample_count = 5)]
fn tree_of_64_mib_hash_by_hash(bencher: Bencher<'_, '_>) {
    let bytes = large().read(0x3000_0000, 64 * MIB);
    bencher.bench_local(|| {
        let mut level: Vec<Root> = bytes.chunks(CHUNK_BYTES).map(keccak256).collect();
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| node(&pair[0], &pair[1])).collect();
        }
        level
    });
}

/// Writes each word of 64 MiB of slot 3.
fn write_64_mib(memory: &mut Memory) {
    let mut view = memory.flat().expect("the platform has it");
    for address in (0x3000_0000..0x3000_0000 + 64 * MIB as u32).step_by(4) {
        view.store(address, address | 1, u32::MAX);
    }
}

fn small_with_flat_form() -> Memory {
    let mut memory = small();
    memory.flat().expect("the platform has it");
    memory
}

#[divan::bench(sample_count = 5)]
fn first_stores_to_64_mib(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(small_with_flat_form).bench_local_refs(write_64_mib);
}

#[divan::bench(sample_count = 5)]
fn second_stores_to_64_mib(bencher: Bencher<'_, '_>) {
    let mut memory = small_with_flat_form();
    write_64_mib(&mut memory);
    bencher.bench_local(|| write_64_mib(&mut memory));
}

#[divan::bench(sample_count = 5)]
fn taking_over_64_mib(bencher: Bencher<'_, '_>) {
    let written = || {
        let mut memory = small_with_flat_form();
        write_64_mib(&mut memory);
        memory
    };
    bencher
        .with_inputs(written)
        .bench_local_refs(|memory| memory.own_bytes());
}

#[divan::bench(args = ["pages", "flat"], sample_count = 50)]
fn root_after_a_store(bencher: Bencher<'_, '_>, form: &str) {
    let mut memory = large();
    memory.root();
    let mut word = 0;
    bencher.bench_local(|| {
        word += 1;
        match form {
            "pages" => memory.view().store(0x3000_1000, word, u32::MAX),
            _ => memory
                .flat()
                .expect("the platform has it")
                .store(0x3000_1000, word, u32::MAX),
        }
        memory.root()
    });
}

/// 64 MiB of input whose root is not known.
fn with_input() -> Memory {
    let bytes: Vec<u8> = (0..64 * MIB).map(|at| (at % 251) as u8 | 1).collect();
    Memory::new(&[region(0x4000_0000, bytes)]).expect("one region")
}

#[divan::bench(sample_count = 5)]
fn first_path_into_64_mib_of_input(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(with_input)
        .bench_local_refs(|memory| memory.path(0, 0x4100_0000 >> 7));
}

#[divan::bench(sample_count = 50)]
fn another_path_into_64_mib_of_input(bencher: Bencher<'_, '_>) {
    let mut memory = with_input();
    memory.root();
    bencher.bench_local(|| memory.path(0, 0x4100_0000 >> 7));
}

#[divan::bench(sample_count = 5)]
fn reading_64_mib(bencher: Bencher<'_, '_>) {
    let memory = large();
    bencher.bench_local(|| memory.read(0x3000_0000, 64 * MIB));
}
