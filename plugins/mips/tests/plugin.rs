//! The machine that comes out of the library is the one that went in.

use bytes::Bytes;
use opml_conformance::vm_suite;
use opml_engine::{Region, VmBackend};
use opml_graph::SilentHost;
use opml_plugin_loader::{Kind, Plugins, SearchPath};

/// Counts to 1,000 with stores to slot 3, then exits with code 0.
const PROGRAM: [u32; 9] = [
    0x3c10_3000, // lui   r16, 0x3000
    0x2411_03e8, // addiu r17, r0, 1000
    0xae11_0000, // sw    r17, 0(r16)
    0x2631_ffff, // addiu r17, r17, -1
    0x1620_fffd, // bne   r17, r0, to the sw
    0x2610_0004, // addiu r16, r16, 4
    0x2402_1096, // addiu r2, r0, 4246
    0x2404_0000, // addiu r4, r0, 0
    0x0000_000c, // syscall
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
        .load("mips", &SilentHost)
        .expect("the plugin was built with this test");
    assert_eq!(description.provides, [(Kind::Vm, "mips".to_owned())]);
    let vm = plugins.vm("mips").expect("its machine");
    vm_suite(&*vm, &regions());

    let mut here = opml_mips::Mips.boot(&regions()).expect("it boots");
    let mut there = vm.boot(&regions()).expect("it boots");
    for machine in [&mut here, &mut there] {
        machine.run_until_halt(1 << 20).expect("it runs");
    }
    assert_eq!(here.halted_at(), Some(2 + 4 * 1000 + 3));
    assert_eq!(there.halted_at(), here.halted_at());
    assert_eq!(there.root(), here.root());
    assert_eq!(there.read(0x3000_0000, 4), 1000u32.to_le_bytes());
}
