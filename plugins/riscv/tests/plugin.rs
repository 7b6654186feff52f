//! The machine that comes out of the library is the one that went in.

use bytes::Bytes;
use opml_conformance::vm_suite;
use opml_engine::{Region, VmBackend};
use opml_graph::SilentHost;
use opml_plugin_loader::{Kind, Plugins, SearchPath};

/// Counts to 1,000 with stores to slot 3, then exits with code 0.
const PROGRAM: [u32; 9] = [
    0x3000_0437, // lui  x8, 0x30000
    0x3e80_0493, // addi x9, x0, 1000
    0x0094_2023, // sw   x9, 0(x8)
    0xfff4_8493, // addi x9, x9, -1
    0x0044_0413, // addi x8, x8, 4
    0xfe04_9ae3, // bne  x9, x0, to the sw
    0x05d0_0893, // addi x17, x0, 93
    0x0000_0513, // addi x10, x0, 0
    0x0000_0073, // ecall
];

fn regions() -> Vec<Region> {
    let mut image = vec![0; 0x1000];
    image.extend(PROGRAM.iter().flat_map(|word| word.to_le_bytes()));
    vec![Region {
        address: 0,
        bytes: Bytes::from(image),
        slot_root: None,
    }]
}

#[test]
fn the_machine_of_the_plugin() {
    let mut plugins = Plugins::new(SearchPath::standard());
    let description = plugins
        .load("riscv", &SilentHost)
        .expect("the plugin was built with this test");
    assert_eq!(description.provides, [(Kind::Vm, "riscv".to_owned())]);
    let vm = plugins.vm("riscv").expect("its machine");
    vm_suite(&*vm, &regions());

    let mut here = opml_riscv::RiscV.boot(&regions()).expect("it boots");
    let mut there = vm.boot(&regions()).expect("it boots");
    for machine in [&mut here, &mut there] {
        machine.run_until_halt(1 << 20).expect("it runs");
    }
    assert_eq!(here.halted_at(), Some(2 + 4 * 1000 + 3));
    assert_eq!(there.halted_at(), here.halted_at());
    assert_eq!(there.root(), here.root());
    assert_eq!(there.read(0x3000_0000, 4), 1000u32.to_le_bytes());
}
