//! The benchmark's kernels end in Unicorn and in QEMU as here; the script that times Unicorn says so too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use opml_mips::State;

use crate::batch::{Batch, Pages};
use crate::presence;
use crate::qemu;
use crate::qemu_cases;

const IMAGE: &[u8] = include_bytes!("../../benches/kernels/kernels.bin");
const KERNELS: u32 = 5;
const INPUT_BYTES: usize = 128 << 10;
const OUTPUT: u32 = 0x3000_0000;
const BREAK: u32 = 0x0000_000d;
const LIMIT: usize = 10_000_000;

/// A kernel, run once.
fn batch(kernel: u32) -> Batch {
    let call = [kernel, 1].iter().flat_map(|word| word.to_le_bytes()).collect();
    Batch {
        pages: vec![
            Pages::new(0x1000, IMAGE[0x1000..].to_vec()),
            Pages::new(0x1800_0000, call),
            Pages::new(0x2000_0000, vec![0; (1 << 20) + (64 << 10)]),
            Pages::new(OUTPUT, vec![0; INPUT_BYTES]),
            Pages::new(0x4000_0000, input(2_654_435_761)),
            Pages::new(0x5000_0000, input(2_246_822_519)),
        ],
        cases: vec![State::entry()],
    }
}

fn input(factor: u32) -> Vec<u8> {
    (0..INPUT_BYTES as u32)
        .map(|place| (place.wrapping_mul(factor) >> 13) as u8)
        .collect()
}

#[test]
fn the_kernels_end_as_in_qemu() {
    let Some(qemu) = presence::qemu() else { return };
    for kernel in 0..KERNELS {
        let mut batch = batch(kernel);
        let case = batch.cases[0].clone();
        let first = qemu_cases::ending(&batch, &case, LIMIT).expect("nothing that differs is in the kernels");
        assert_eq!(
            (first.last.fault(), first.last.after.exit_code),
            (None, 0),
            "kernel {kernel}"
        );
        // QEMU would end its process at the system call.
        let exit = (first.last.before.pc - 0x1000) as usize;
        batch.pages[0].bytes[exit..exit + 4].copy_from_slice(&BREAK.to_le_bytes());
        let mut ending = qemu_cases::ending(&batch, &case, LIMIT).expect("nothing that differs");
        let outcomes = qemu::run(qemu, &batch, "kernel");
        qemu_cases::compare(&batch, &case, &mut ending, &outcomes[0]);
    }
}

#[test]
fn the_speed_of_unicorn_is_that_of_the_same_results() {
    let Some(python) = presence::python() else { return };
    let file = |name: &str, bytes: &[u8]| {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::write(&path, bytes).expect("the file is written");
        path
    };
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/kernels/kernels.bin");
    let inputs = [(4, 2_654_435_761), (5, 2_246_822_519)].map(|(slot, factor)| {
        let path = file(&format!("slot{slot}"), &input(factor));
        (slot, path)
    });
    for kernel in 0..KERNELS {
        let batch = batch(kernel);
        let ending = qemu_cases::ending(&batch, &batch.cases[0], LIMIT).expect("nothing that differs");
        let expected = format!("0 {:08x}", crc32(&ending.memory.read(OUTPUT, INPUT_BYTES)));
        let mut command = Command::new(&python);
        command.arg(presence::scripts().join("unicorn_speed.py")).arg(&image);
        for (slot, path) in &inputs {
            command.arg("--slot").arg(format!("{slot}={}", path.display()));
        }
        command.args(["--call", &kernel.to_string(), "--call", "1"]);
        let output = command.output().expect("Python starts");
        let line = String::from_utf8_lossy(&output.stdout);
        let (seconds, rest) = line.trim().split_once(' ').unwrap_or_default();
        assert_eq!(
            rest,
            expected,
            "kernel {kernel}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(seconds.parse::<f64>().is_ok_and(|seconds| seconds > 0.0), "{line}");
    }
    inputs
        .iter()
        .for_each(|(_, path)| fs::remove_file(path).expect("the file is removed"));
}

/// The CRC of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ ((crc & 1) * 0xedb8_8320))
    })
}
