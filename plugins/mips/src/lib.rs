//! Plugin: the MIPS virtual machine.

opml_plugin_export::plugin! {
    name: "mips",
    description: "The MIPS virtual machine",
    vms: [opml_mips::Mips],
}
