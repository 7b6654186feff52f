//! The suites on the implementations of this repository.

use bytes::Bytes;
use opml_conformance::{compute_suite, layered, vm_suite};
use opml_engine::{Region, VmBackend};
use opml_graph::pack_whole_graph;
use opml_mips::Mips;
use opml_native::{Native, guest_images};
use opml_riscv::RiscV;

#[test]
fn native_computes_what_the_operators_say() {
    compute_suite(&Native);
}

#[test]
fn mips_keeps_its_word_over_a_whole_graph() {
    keeps_its_word_over_a_whole_graph(&Mips);
}

#[test]
fn riscv_keeps_its_word_over_a_whole_graph() {
    keeps_its_word_over_a_whole_graph(&RiscV);
}

fn keeps_its_word_over_a_whole_graph(machine: &dyn VmBackend) {
    let sample = layered(3);
    let packed = pack_whole_graph(&sample.model).expect("it fits");
    let image = guest_images().into_iter().find(|image| image.vm == machine.name());
    let image = image.expect("its image");
    let region = |address, bytes: Bytes| Region {
        address,
        bytes,
        slot_root: None,
    };
    let words = [3, 0, packed.record.input_count() as u32, packed.record.output_bytes()];
    let call: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    vm_suite(
        machine,
        &[
            Region {
                address: 0,
                bytes: image.bytes,
                slot_root: Some(image.root),
            },
            region(0x1000_0000, Bytes::copy_from_slice(&packed.record.to_bytes())),
            region(0x1800_0000, Bytes::from(call)),
            region(0x4000_0000, packed.table.bytes.clone()),
            region(0x5000_0000, packed.weights.bytes.clone()),
            region(0x6000_0000, sample.feed[0].clone()),
        ],
    );
}
