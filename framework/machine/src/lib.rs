//! Slot memory of the virtual machines: snapshots, dirty tracking, incremental roots.
