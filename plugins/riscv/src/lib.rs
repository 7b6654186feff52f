//! Plugin: the RISC-V virtual machine.

opml_plugin_export::plugin! {
    name: "riscv",
    description: "The RISC-V virtual machine",
    vms: [opml_riscv::RiscV],
}
