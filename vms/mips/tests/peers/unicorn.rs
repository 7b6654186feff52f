//! Batches in Unicorn, through `peers/unicorn_batches.py`.

use std::ffi::OsStr;
use std::io::{BufReader, BufWriter, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::batch::Batch;
use crate::presence::scripts;
use crate::visible::Visible;

/// Which states are told.
#[derive(Clone, Copy)]
pub(crate) struct Sampling {
    /// The most instructions of a case.
    pub(crate) limit: u32,
    /// Those before the first so many instructions are told,
    pub(crate) often: u32,
    /// and those before every so-manieth.
    pub(crate) every: u32,
}

impl Sampling {
    /// Whether the state before instruction `number` is told.
    pub(crate) fn takes(&self, number: u32) -> bool {
        number <= self.limit && (number < self.often || number.is_multiple_of(self.every))
    }
}

/// How a case ended in Unicorn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Limit,
    /// QEMU's number of a processor exception.
    Exception(u32),
    /// Unicorn's number of the kind of an access that it refused.
    Access(u32),
}

/// What became of a case in Unicorn.
pub(crate) struct Outcome {
    pub(crate) end: End,
    /// Instructions begun.
    pub(crate) begun: u32,
    pub(crate) samples: Vec<Visible>,
    pub(crate) last: Visible,
    /// The writable pages, one behind another.
    pub(crate) memory: Vec<u8>,
}

/// The process that runs Unicorn.
pub(crate) struct Unicorn {
    child: Child,
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Unicorn {
    /// Starts it.
    pub(crate) fn start(python: &OsStr) -> Self {
        let mut child = Command::new(python)
            .arg(scripts().join("unicorn_batches.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let input = BufWriter::new(child.stdin.take().expect("a pipe"));
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Unicorn { child, input, output }
    }

    /// Runs a batch.
    pub(crate) fn run(&mut self, batch: &Batch, sampling: Sampling) -> Vec<Outcome> {
        self.send(batch, sampling).expect("Unicorn's process takes the batch");
        let length = batch.writable_bytes();
        let outcomes = (0..batch.cases.len()).map(|case| {
            self.receive(length)
                .unwrap_or_else(|error| panic!("Unicorn's process fails in case {case}: {error}"))
        });
        outcomes.collect()
    }

    fn send(&mut self, batch: &Batch, sampling: Sampling) -> std::io::Result<()> {
        let mut words = |words: &[u32]| {
            words
                .iter()
                .try_for_each(|word| self.input.write_all(&word.to_le_bytes()))
        };
        words(&[batch.pages.len() as u32])?;
        for pages in &batch.pages {
            words(&[pages.address, pages.bytes.len() as u32, u32::from(pages.writable())])?;
            for bytes in pages.bytes.as_chunks::<4>().0 {
                words(&[u32::from_le_bytes(*bytes)])?;
            }
        }
        words(&[sampling.limit, sampling.often, sampling.every, batch.cases.len() as u32])?;
        for case in &batch.cases {
            words(&Visible::from(case).words().collect::<Vec<_>>())?;
        }
        self.input.flush()
    }

    fn words<const N: usize>(&mut self) -> std::io::Result<[u32; N]> {
        let mut words = [0; N];
        for word in &mut words {
            let mut bytes = [0; 4];
            self.output.read_exact(&mut bytes)?;
            *word = u32::from_le_bytes(bytes);
        }
        Ok(words)
    }

    fn receive(&mut self, length: usize) -> std::io::Result<Outcome> {
        let [kind, number, begun, count] = self.words()?;
        let samples: std::io::Result<Vec<Visible>> =
            (0..count).map(|_| Ok(Visible::from_words(&self.words()?))).collect();
        let samples = samples?;
        let last = Visible::from_words(&self.words()?);
        let mut memory = vec![0; length];
        self.output.read_exact(&mut memory)?;
        let end = match kind {
            0 => End::Limit,
            1 => End::Exception(number),
            _ => End::Access(number),
        };
        Ok(Outcome {
            end,
            begun,
            samples,
            last,
            memory,
        })
    }
}

impl Drop for Unicorn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
