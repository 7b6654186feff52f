//! The kernels of `benches/kernels`, booted.

use std::path::PathBuf;

use bytes::Bytes;
use opml_engine::{Machine, Region};
use opml_machine::Memory;
use opml_mips::MipsMachine;

pub(crate) struct Kernel {
    pub(crate) name: &'static str,
    pub(crate) number: u32,
}

pub(crate) const KERNELS: [Kernel; 5] = [
    Kernel {
        name: "matmul_i8",
        number: 0,
    },
    Kernel {
        name: "matmul_f32",
        number: 1,
    },
    Kernel {
        name: "softmax",
        number: 2,
    },
    Kernel {
        name: "memcpy",
        number: 3,
    },
    Kernel {
        name: "keccak",
        number: 4,
    },
];

pub(crate) fn image_path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/kernels/kernels.bin"))
}

/// What slots 4 and 5 begin with.
pub(crate) fn input() -> Vec<u8> {
    (0..128u32 << 10)
        .map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

impl Kernel {
    /// The memory of a run of `times` times.
    pub(crate) fn memory(&self, times: u32) -> Memory {
        let call = [self.number.to_le_bytes(), times.to_le_bytes()].concat();
        let region = |address, bytes: Vec<u8>| Region {
            address,
            bytes: Bytes::from(bytes),
            slot_root: None,
        };
        let image = std::fs::read(image_path()).expect("the image is committed");
        let regions = [
            region(0, image),
            region(0x1800_0000, call),
            region(0x4000_0000, input()),
            region(0x5000_0000, input()),
        ];
        Memory::new(&regions).expect("the regions are disjoint")
    }

    /// Steps of a run of `times` times.
    pub(crate) fn steps(&self, times: u32) -> u64 {
        let mut machine = MipsMachine::new(self.memory(times));
        machine.run_until_halt(1 << 40).expect("it runs forward");
        machine.halted_at().expect("it ends")
    }

    /// How many times take at least `steps` steps.
    pub(crate) fn times(&self, steps: u64) -> u32 {
        let (one, two) = (self.steps(1), self.steps(2));
        (steps / (two - one) + 1) as u32
    }
}
