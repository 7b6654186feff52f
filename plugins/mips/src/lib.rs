//! Plugin: the MIPS virtual machine.
