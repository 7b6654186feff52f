use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use opml_commit::{Root, hashed_bytes};
use opml_engine::MemoryStore;
use opml_stages::{Entry, EntryError, InstructionStage, Machinery, PassWatch, Workload};

use super::pass_times::PassTimes;
use super::scene::Scene;
use crate::failure::Failure;
use crate::inference::Inference;
use crate::report::VmReport;
use crate::token_stream::TokenStream;

/// The true output, natively.
pub(crate) struct Native {
    pub(crate) output: Bytes,
    pub(crate) output_root: Root,
    pub(crate) seconds: f64,
    /// Bytes hashed for the request's values and the output.
    pub(crate) hashed_bytes: u64,
    /// What a language model wrote.
    pub(crate) written: Option<Written>,
}

/// How fast a language model was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) prompt_tokens: usize,
    /// Seconds until the prompt was worked through.
    pub(crate) prompt_seconds: f64,
    pub(crate) tokens: usize,
    pub(crate) tokens_per_second: f64,
}

/// Runs the model natively; what is hashed on the way is all that a result that nobody disputes needs hashed.
/// A language model's tokens are shown as they come, unless `quiet`.
pub(crate) fn native(scene: &Scene, quiet: bool) -> Result<Native, Failure> {
    let mut machinery = scene.machinery.clone();
    let shown = scene.tokenizer.as_ref().filter(|_| !quiet).map(|tokenizer| {
        let (prompt, tokens) = (scene.prompt_tokens(), scene.written_tokens());
        Arc::new(TokenStream::begin(tokenizer.clone(), prompt, tokens))
    });
    let watch = shown.clone().map(|stream| stream as Arc<dyn PassWatch>);
    let times = Arc::new(PassTimes::new(watch));
    machinery.watch = Some(times.clone());
    let inference = Inference::new(&scene.task.workload, &machinery)?;
    let (started, hashed) = (Instant::now(), hashed_bytes());
    let ran = inference.run(&scene.values);
    if let Some(stream) = shown {
        stream.end();
    }
    let (output_root, output) = ran?;
    let seconds = started.elapsed().as_secs_f64();
    let tokens = scene.written_tokens();
    let writing = scene.tokenizer.as_ref().and_then(|_| times.of_last(tokens));
    Ok(Native {
        written: writing.map(|writing| Written {
            prompt_tokens: scene.prompt_tokens(),
            prompt_seconds: seconds - writing,
            tokens,
            tokens_per_second: tokens as f64 / writing,
        }),
        output,
        output_root,
        seconds,
        hashed_bytes: hashed_bytes() - hashed,
    })
}

/// Runs the whole inference in the machine and compares it with the native one; `None` when the model does not pack, or is a loop.
pub(crate) fn machine(scene: &Scene, native: &Native) -> Result<Option<VmReport>, Failure> {
    let Workload::Graph(model) = &scene.task.workload else {
        return Ok(None);
    };
    let entry = match Entry::new(model, &["instruction"]) {
        Ok(entry) => entry,
        Err(EntryError::Packed(_)) => return Ok(None),
        Err(error) => return Err(Failure::user(error)),
    };
    let store = MemoryStore::default();
    let inputs = entry.request(&scene.values, &store).map_err(Failure::other)?;
    let Machinery { vm, image, host, .. } = scene.machinery.clone();
    let stage = InstructionStage::new(vm, image).heard_by(host);
    let started = Instant::now();
    let (output, steps) = stage
        .run_to_end(&entry.program(), &inputs, &store)
        .map_err(Failure::of_stage)?;
    let seconds = started.elapsed().as_secs_f64();
    if output != native.output_root {
        return Err(Failure::other(format!(
            "the machine's output {output} differs from the native {}: a plugin is broken, and nothing may be staked on it",
            native.output_root
        )));
    }
    Ok(Some(VmReport {
        name: scene.plan.vm.clone(),
        steps,
        seconds,
        steps_per_second: steps as f64 / seconds,
    }))
}
