//! Runs the guest images in their machines.
#![allow(dead_code, reason = "every test file uses some of it")]

use bytes::Bytes;
use opml_engine::{Region, VmBackend};
use opml_graph::GuestImage;
use opml_mips::Mips;
use opml_native::guest_images;
use opml_ops::Record;
use opml_riscv::RiscV;

pub(crate) const OUTPUT: u32 = 0x3000_0000;

pub(crate) const MACHINES: [&dyn VmBackend; 2] = [&Mips, &RiscV];

/// Every committed image with its machine.
pub(crate) fn images() -> Vec<(&'static dyn VmBackend, GuestImage)> {
    let machine = |name: &str| MACHINES.into_iter().find(|machine| machine.name() == name);
    let images = guest_images().into_iter();
    images
        .map(|image| {
            (
                machine(&image.vm).unwrap_or_else(|| panic!("no machine runs the image of {}", image.vm)),
                image,
            )
        })
        .collect()
}

pub(crate) fn region(address: u32, bytes: Vec<u8>) -> Region {
    Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    }
}

/// How a guest ended: exit code, steps of the slowest machine, and slot 3 from its first byte to 128 bytes past the output.
pub(crate) struct Ended {
    pub(crate) exit_code: u8,
    pub(crate) steps: u64,
    pub(crate) output: Vec<u8>,
}

/// Runs the guest in every machine. They must end alike, but for their steps.
pub(crate) fn boot_and_run(record: &Record, inputs: &[Vec<u8>], mode: u32, block: u32) -> Ended {
    let ends = images()
        .into_iter()
        .map(|(machine, image)| boot_and_run_in(machine, image, record, inputs, mode, block));
    ends.reduce(|one, other| {
        assert_eq!(one.exit_code, other.exit_code, "{record:?}");
        assert_eq!(one.output, other.output, "{record:?}");
        let steps = one.steps.max(other.steps);
        Ended { steps, ..one }
    })
    .expect("an image")
}

pub(crate) fn boot_and_run_in(
    machine: &dyn VmBackend,
    image: GuestImage,
    record: &Record,
    inputs: &[Vec<u8>],
    mode: u32,
    block: u32,
) -> Ended {
    let call = [mode, block, record.input_count() as u32, record.output_bytes()];
    let mut regions = vec![
        Region {
            address: 0,
            bytes: image.bytes,
            slot_root: Some(image.root),
        },
        region(0x1000_0000, record.to_bytes().to_vec()),
        region(0x1800_0000, call.iter().flat_map(|word| word.to_le_bytes()).collect()),
    ];
    for (input, bytes) in (4u32..).zip(inputs) {
        regions.push(region(input << 28, bytes.clone()));
    }
    // Slot 3 begins as the input's slot, or as one block of it; a record that is refused may name any input and any size.
    if let Some(initial) = record.output_initial().and_then(|initial| inputs.get(initial)) {
        let range = match mode {
            2 => block_range(record, block),
            _ => 0..initial.len(),
        };
        let range = range.start.min(initial.len())..range.end.min(initial.len());
        let mut bytes = vec![0; range.end];
        bytes[range.clone()].copy_from_slice(&initial[range]);
        regions.push(region(OUTPUT, bytes));
    }
    let mut run = machine.boot(&regions).expect("the regions fit");
    run.run_until_halt(1 << 32).expect("the machine runs");
    let inspection = machine.inspect(&run.state()).expect("a state is well formed");
    assert!(inspection.exited, "the guest did not end");
    Ended {
        exit_code: inspection.exit_code,
        steps: run.halted_at().expect("the machine halted"),
        output: run.read(OUTPUT, record.output_bytes() as usize + 128),
    }
}

/// The bytes of a block.
pub(crate) fn block_range(record: &Record, block: u32) -> std::ops::Range<usize> {
    let (size, bytes) = (1usize << record.block_log2(), record.output_bytes() as usize);
    let start = size * block as usize;
    start..bytes.min(start + size)
}
