use std::sync::OnceLock;

use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{AbiParam, Function, Signature, UserFuncName};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

use super::lowering::Lowering;
use super::region::Region;

/// The processor that this process runs on; `None` when code cannot be made for it.
fn target() -> Option<&'static OwnedTargetIsa> {
    static TARGET: OnceLock<Option<OwnedTargetIsa>> = OnceLock::new();
    TARGET.get_or_init(make_target).as_ref()
}

/// Code is made where C's functions follow [`CallConv::SystemV`] and fresh code needs no flush of caches.
const IS_SUPPORTED: bool = cfg!(all(target_arch = "x86_64", target_os = "linux"));

fn make_target() -> Option<OwnedTargetIsa> {
    if !IS_SUPPORTED {
        return None;
    }
    let mut flags = settings::builder();
    // The optimizer moves computations down to their uses, past loads that then need a register each; the guest's own order
    // is the better one, and what is known of registers is folded on the way.
    flags.set("opt_level", "none").ok()?;
    flags.set("unwind_info", "false").ok()?;
    flags
        .set("enable_verifier", if cfg!(test) { "true" } else { "false" })
        .ok()?;
    let isa = cranelift_native::builder().ok()?;
    isa.finish(settings::Flags::new(flags)).ok()
}

/// Whether code can be made for this processor.
pub(super) fn is_possible() -> bool {
    target().is_some()
}

/// The machine code of `region`: a function of a pointer to a `Frame`. It is free of relocations, so it runs wherever it lies.
/// `None` when the region cannot be compiled.
pub(super) fn compile(region: &Region) -> Option<Vec<u8>> {
    let isa = target()?;
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.push(AbiParam::new(I64));
    let mut context = Context::for_function(Function::with_name_signature(UserFuncName::user(0, 0), signature));
    let mut scratch = FunctionBuilderContext::new();
    let mut lowering = Lowering::new(FunctionBuilder::new(&mut context.func, &mut scratch), region.written());
    lowering.region(region);
    lowering.finish(isa.frontend_config());
    let compiled = context.compile(isa.as_ref(), &mut ControlPlane::default()).ok()?;
    let is_free = compiled.buffer.relocs().is_empty();
    is_free.then(|| compiled.code_buffer().to_vec())
}
