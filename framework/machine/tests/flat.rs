//! The flat form where the platform has one.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]
#![allow(unsafe_code)]

use std::fs::File;
use std::io::Write;
use std::process::Command;

use bytes::Bytes;
use memmap2::{Mmap, MmapOptions};
use opml_engine::Region;
use opml_machine::{FlatView, Memory, Words};

fn region(address: u32, bytes: impl Into<Bytes>) -> Region {
    Region {
        address,
        bytes: bytes.into(),
        slot_root: None,
    }
}

fn memory(regions: &[Region]) -> Memory {
    Memory::new(regions).expect("the regions are disjoint")
}

fn flat(memory: &mut Memory) -> FlatView<'_> {
    memory.flat().expect("Linux has it")
}

/// Bytes that differ from page to page.
fn pattern(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| (at as u32).wrapping_mul(0x9e37_79b1).to_be_bytes()[0] | 1)
        .collect()
}

fn mapped(contents: &[u8]) -> Mmap {
    let mut file: File = tempfile::tempfile().expect("a temporary file");
    file.write_all(contents).expect("room for the file");
    // SAFETY: nobody else knows the file.
    unsafe { Mmap::map(&file) }.expect("a file can be mapped")
}

fn expect_bytes(memory: &mut Memory, address: u32, expected: &[u8]) {
    assert_eq!(memory.read(address, expected.len()), expected);
    let mut view = flat(memory);
    for (at, word) in (address..).step_by(4).zip(expected.as_chunks::<4>().0) {
        assert_eq!(view.load(at), u32::from_le_bytes(*word), "at {at:#010x}");
    }
}

#[test]
fn every_corner_is_readable_and_absent_bytes_are_zero() {
    let mut memory = memory(&[region(0x1000, vec![1, 2, 3]), region(0xffff_ffff, vec![9])]);
    let mut view = flat(&mut memory);
    assert_eq!(view.load(0x1002), 0x0003_0201);
    assert_eq!(view.load(u32::MAX), 0x0900_0000);
    for slot in 0..16u32 {
        assert_eq!(view.load(slot << 28), 0);
        assert_eq!(view.load((slot << 28) + 0x0800_0000), 0);
    }
    for past in [0, 4095] {
        // SAFETY: the view promises zeros there.
        assert_eq!(unsafe { view.base().add((1 << 32) + past).read() }, 0);
    }
}

#[test]
fn a_write_by_address_is_seen_once_its_page_is_noted() {
    let mut memory = memory(&[region(0x2000_0000, vec![5; 9000])]);
    let before = memory.root();
    let view = flat(&mut memory);
    let page = (0x3000_1000 - 0x2000_0000) >> 12;
    // SAFETY: the address lies in slot 3, its page is noted.
    unsafe {
        view.base().add(0x3000_1080).write(7);
        view.written().add(page).write(1);
    }
    assert_eq!(memory.read(0x3000_107f, 3), [0, 7, 0]);
    let mut same = self::memory(&[region(0x2000_0000, vec![5; 9000])]);
    assert_eq!(same.root(), before);
    same.write(0x3000_1080, &[7]).expect("in slot 3");
    assert_eq!(memory.root(), same.root());
    assert_eq!(memory.own_bytes(), same.own_bytes());
}

#[test]
fn writes_that_change_nothing_make_no_page() {
    let mut memory = memory(&[region(0x2000_0000, vec![5; 9000])]);
    let before = memory.root();
    let mut view = flat(&mut memory);
    view.store(0x2000_0004, 0x0505_0505, u32::MAX);
    view.store(0x3fff_fffc, 0, u32::MAX);
    view.store(0x3fff_fffc, u32::MAX, 0);
    assert_eq!(memory.own_bytes(), 0);
    assert_eq!(memory.root(), before);
}

#[test]
fn stores_reach_slots_2_and_3_only() {
    let mut memory = memory(&[]);
    let before = memory.root();
    let mut view = flat(&mut memory);
    for address in [0, 0x1fff_ffff, 0x4000_0000, u32::MAX] {
        view.store(address, u32::MAX, u32::MAX);
        assert_eq!(view.load(address), 0);
    }
    view.store(0x2000_0000, 1, u32::MAX);
    view.store(0x3fff_ffff, 2, u32::MAX);
    assert_eq!((view.load(0x2000_0000), view.load(0x3fff_fffc)), (1, 2));
    assert_ne!(memory.root(), before);
    assert_eq!(memory.read(0x3fff_fffc, 8), [2, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn mapped_files_are_mapped_again() {
    let contents = pattern((1 << 20) + 4096 + 77);
    let file = Bytes::from_owner(mapped(&contents));
    // From the beginning, its last page shared with other bytes; from within a page on, and so that nothing is aligned.
    let whole = file.slice(..(1 << 20) + 5);
    let inner = file.slice(100..(1 << 20) + 4096 + 50);
    let askew = file.slice(100..(1 << 20) + 50);
    let regions = [
        region(0x4000_0000, whole.clone()),
        region(0x5000_0064, inner.clone()),
        region(0x6000_0000, askew.clone()),
        region(0x7000_0000, file.slice(4096..)),
    ];
    let mut memory = memory(&regions);
    let mut padded = whole.to_vec();
    padded.resize((1 << 20) + 8192, 0);
    expect_bytes(&mut memory, 0x4000_0000, &padded);
    let mut padded = vec![0; 100];
    padded.extend_from_slice(&inner);
    padded.resize((1 << 20) + 3 * 4096, 0);
    expect_bytes(&mut memory, 0x5000_0000, &padded);
    let mut padded = askew.to_vec();
    padded.resize((1 << 20) + 8192, 0);
    expect_bytes(&mut memory, 0x6000_0000, &padded);
    let mut fork = memory.fork();
    drop((memory, file, whole, inner, askew, regions));
    expect_bytes(&mut fork, 0x7000_0000, &contents[4096..]);
}

#[test]
fn private_mappings_and_vectors_are_copied() {
    let contents = pattern(1 << 19);
    let mut map = MmapOptions::new().len(1 << 19).map_anon().expect("memory");
    map.copy_from_slice(&contents);
    let map = map.make_read_only().expect("memory can be protected");
    let mut memory = memory(&[
        region(0x4000_0000, Bytes::from_owner(map)),
        region(0x5000_0000, contents.clone()),
        region(0x3000_0000, contents.clone()),
        region(0x2000_0008, Bytes::from_owner(mapped(&contents))),
    ]);
    expect_bytes(&mut memory, 0x4000_0000, &contents);
    expect_bytes(&mut memory, 0x5000_0000, &contents);
    expect_bytes(&mut memory, 0x3000_0000, &contents);
    expect_bytes(&mut memory, 0x2000_0008, &contents);
    let mut view = flat(&mut memory);
    view.store(0x3000_0000, 0xabcd, u32::MAX);
    view.store(0x2000_0008, 0xef01, u32::MAX);
    let mut fork = memory.fork();
    flat(&mut memory).store(0x3000_0000, 0x1111, u32::MAX);
    assert_eq!(fork.read(0x3000_0000, 4), [0xcd, 0xab, 0, 0]);
    assert_eq!(flat(&mut fork).load(0x3000_0000), 0xabcd);
    assert_eq!(flat(&mut fork).load(0x2000_0008), 0xef01);
    assert_eq!(flat(&mut fork).load(0x3000_0004), memory.view().load(0x3000_0004));
    assert_eq!(flat(&mut memory).load(0x3000_0000), 0x1111);
}

#[test]
fn own_bytes_are_those_since_the_fork() {
    let mut memory = memory(&[]);
    assert_eq!(memory.own_bytes(), 0);
    flat(&mut memory).store(0x2000_0000, 1, u32::MAX);
    flat(&mut memory).store(0x3000_0000, 1, u32::MAX);
    let page = memory.own_bytes() / 2;
    assert!((4096..4096 + 64).contains(&page), "{page}");
    let mut fork = memory.fork();
    assert_eq!((memory.own_bytes(), fork.own_bytes()), (0, 0));
    fork.write(0x2000_0000, &[2]).expect("in slot 2");
    assert_eq!(fork.own_bytes(), page);
    drop(fork);
    assert_eq!(memory.own_bytes(), 2 * page);
}

#[test]
fn machines_move_between_threads() {
    let mut memory = memory(&[]);
    flat(&mut memory).store(0x2000_0000, 3, u32::MAX);
    let mut moved = std::thread::spawn(move || {
        flat(&mut memory).store(0x2000_0004, 4, u32::MAX);
        memory
    })
    .join()
    .expect("the thread ends");
    assert_eq!(moved.read(0x2000_0000, 8), [3, 0, 0, 0, 4, 0, 0, 0]);
    moved.drop_flat();
    assert_eq!(flat(&mut moved).load(0x2000_0004), 4);
}

/// Says to a process of this test that it has too little address space.
const LITTLE_SPACE: &str = "OPML_TEST_LITTLE_SPACE";

#[test]
fn without_address_space_the_other_view_remains() {
    if std::env::var_os(LITTLE_SPACE).is_none() {
        let own = std::env::current_exe().expect("a test knows its program");
        let status = Command::new("sh")
            .args(["-c", "ulimit -v 4000000 && exec \"$0\" --exact \"$1\""])
            .arg(own)
            .arg("without_address_space_the_other_view_remains")
            .env(LITTLE_SPACE, "1")
            .status()
            .expect("there is a shell");
        assert!(status.success(), "{status}");
        return;
    }
    let mut memory = memory(&[region(0x4000_0000, vec![1; 4])]);
    assert!(memory.flat().is_none());
    memory.view().store(0x2000_0000, 2, u32::MAX);
    assert_eq!(memory.read(0x2000_0000, 4), [2, 0, 0, 0]);
    assert!(memory.fork().flat().is_none());
}
