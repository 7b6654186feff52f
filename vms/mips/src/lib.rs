//! The MIPS virtual machine.
