//! Batches in QEMU's user-mode emulator.

mod assembly;
mod elf;
mod harness;

use std::fs::{self, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::batch::Batch;
use crate::visible::Visible;

use elf::{EXECUTE, READ, Segment, WRITE};
use harness::{CONTEXT, CONTEXT_HI, CONTEXT_LO, CONTEXT_PC, CONTEXT_REGISTERS, ENTRY, INFORMATION};

/// A MIPS32 release 2 core without floating point.
const PROCESSOR: &str = "24Kc";
/// Longer than any batch takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// What became of a case in QEMU.
pub(crate) struct Outcome {
    /// The number of the signal that ended it.
    pub(crate) signal: u32,
    /// The state at that instruction; its pc is the branch's when the instruction is in a slot.
    pub(crate) last: Visible,
    /// The writable pages, one behind another.
    pub(crate) memory: Vec<u8>,
}

/// Runs `batch`, every case of which must end with a signal, below slot 7; `name` is that of the executable.
pub(crate) fn run(qemu: &str, batch: &Batch, name: &str) -> Vec<Outcome> {
    assert!(
        batch.pages.iter().all(|pages| pages.address < ENTRY),
        "slot 7 is the harness's"
    );
    let own = batch.pages.iter().map(|pages| Segment {
        address: pages.address,
        bytes: pages.bytes.clone(),
        rights: match (pages.writable(), pages.address >> 28) {
            (true, _) => READ | WRITE,
            (false, 0) => READ | EXECUTE,
            (false, _) => READ,
        },
    });
    let segments: Vec<Segment> = own.chain(harness::segments(batch)).collect();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::write(&path, elf::executable(ENTRY, &segments)).expect("the executable is written");
    fs::set_permissions(&path, Permissions::from_mode(0o700)).expect("it becomes executable");
    let mut child = Command::new(qemu)
        .args(["-cpu", PROCESSOR])
        .arg(&path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("QEMU starts");
    let output = read_all(&mut child);
    let _ = child.kill();
    let status = child.wait().expect("QEMU ends");
    let _ = fs::remove_file(&path);

    let record = (INFORMATION + CONTEXT) as usize + batch.writable_bytes();
    // The first record is that of the harness's own `break`.
    let outcomes: Vec<Outcome> = output.chunks_exact(record).skip(1).map(outcome).collect();
    assert_eq!(
        (outcomes.len(), output.len() % record, status.code()),
        (batch.cases.len(), 0, Some(0)),
        "cases that ended, bytes left, QEMU's exit code"
    );
    outcomes
}

/// Everything that `child` writes until it ends, or until patience does.
fn read_all(child: &mut Child) -> Vec<u8> {
    let mut stream = child.stdout.take().expect("a pipe");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = Vec::new();
        let _ = stream.read_to_end(&mut output);
        let _ = sender.send(output);
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(output) => output,
        Err(_) => {
            let _ = child.kill();
            receiver.recv().unwrap_or_default()
        }
    }
}

fn outcome(record: &[u8]) -> Outcome {
    let word = |place: u32| {
        let bytes = record[place as usize..].first_chunk().expect("inside a record");
        u32::from_le_bytes(*bytes)
    };
    let context = |place: u32| word(INFORMATION + place);
    let mut registers = [0; 32];
    for (place, register) in (CONTEXT_REGISTERS..).step_by(8).zip(&mut registers) {
        *register = context(place);
    }
    Outcome {
        signal: word(0),
        last: Visible {
            pc: context(CONTEXT_PC),
            hi: context(CONTEXT_HI),
            lo: context(CONTEXT_LO),
            registers,
        },
        memory: record[(INFORMATION + CONTEXT) as usize..].to_vec(),
    }
}
