use crate::kernel::{self, Kernel};
use crate::{AdmitError, DType, Record, RunError, Shape};
use crate::{
    add_i8, add_i32, alias, arg_extreme, attend, binary, cast, clamp_i8, concat, conv_f32, conv_integer,
    conv_transpose_f32, conv2d_i8, cumulate, dequantize_linear, fixed_normalize, fixed_softmax, fixed_unary, gather,
    gather_elements, gather_nd, gru_f32, interpolate, lookup, lstm_f32, matmul_blocks, matmul_f32, matmul_i8,
    matmul_i8_i32, matmul_integer, max_pool2d_i8, normalize, pool, pool_place, quantize_linear, quantize_u8, reduce,
    rnn_f32, rotary, scatter_elements, scatter_nd, select, select_rows, softmax, top_k, unary, update_rows, view,
    whole_graph,
};

/// Calls a macro with the operator table: `(tag, Variant, module)`, where the module's name is the operator's name.
///
/// Append only: a tag and what it means never change.
#[macro_export]
macro_rules! for_each_op {
    ($with:ident) => {
        $with! {
            (1, Alias, alias),
            (2, WholeGraph, whole_graph),
            (16, MatMulI8, matmul_i8),
            (17, Conv2dI8, conv2d_i8),
            (18, MaxPool2dI8, max_pool2d_i8),
            (19, ClampI8, clamp_i8),
            (20, AddI8, add_i8),
            (21, QuantizeU8, quantize_u8),
            (22, AddI32, add_i32),
            (23, MatMulI8I32, matmul_i8_i32),
            (24, SelectRows, select_rows),
            (25, UpdateRows, update_rows),
            (32, View, view),
            (33, Concat, concat),
            (34, Gather, gather),
            (35, GatherElements, gather_elements),
            (36, GatherNd, gather_nd),
            (37, ScatterElements, scatter_elements),
            (38, ScatterNd, scatter_nd),
            (39, Select, select),
            (40, Cast, cast),
            (41, ArgExtreme, arg_extreme),
            (42, TopK, top_k),
            (43, Cumulate, cumulate),
            (48, Unary, unary),
            (49, Binary, binary),
            (50, Reduce, reduce),
            (51, Softmax, softmax),
            (52, Normalize, normalize),
            (53, MatMulF32, matmul_f32),
            (54, ConvF32, conv_f32),
            (55, ConvTransposeF32, conv_transpose_f32),
            (56, Pool, pool),
            (57, PoolPlace, pool_place),
            (58, Interpolate, interpolate),
            (59, LstmF32, lstm_f32),
            (60, GruF32, gru_f32),
            (61, RnnF32, rnn_f32),
            (64, MatMulInteger, matmul_integer),
            (65, ConvInteger, conv_integer),
            (66, QuantizeLinear, quantize_linear),
            (67, DequantizeLinear, dequantize_linear),
            (68, Lookup, lookup),
            (69, FixedUnary, fixed_unary),
            (70, FixedSoftmax, fixed_softmax),
            (71, FixedNormalize, fixed_normalize),
            (72, MatMulBlocks, matmul_blocks),
            (73, Rotary, rotary),
            (74, Attend, attend),
        }
    };
}

macro_rules! define_operators {
    ($(($tag:literal, $variant:ident, $module:ident),)*) => {
        /// What a node computes (`specs/operators.md`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum Operator {
            $(
                #[doc = concat!("`", stringify!($module), "`")]
                $variant = $tag,
            )*
        }

        impl Operator {
            /// Every operator, by ascending tag.
            pub const ALL: &'static [Operator] = &[$(Operator::$variant),*];

            /// The operator of a tag; a gap is none.
            pub const fn from_tag(tag: u32) -> Option<Operator> {
                match tag {
                    $($tag => Some(Operator::$variant),)*
                    _ => None,
                }
            }

            /// The name in specs and vectors.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Operator::$variant => stringify!($module),)*
                }
            }
        }

        /// The input that the operator's output starts as, if it works from one: a record says so in `output_initial`.
        pub const fn output_initial_of(operator: Operator) -> Option<usize> {
            match operator {
                $(Operator::$variant => <$module::$variant as Kernel>::OUTPUT_INITIAL,)*
            }
        }

        /// Checks everything that makes the operator total on this record: types, shapes, attributes, scratch.
        ///
        /// For [`Operator::WholeGraph`] the nodes inside are a matter of [`admit_whole_graph`](crate::admit_whole_graph).
        pub fn admit(record: &Record) -> Result<(), AdmitError> {
            match operator(record)? {
                $(Operator::$variant => kernel::admit::<$module::$variant>(record).map(|_| ()),)*
            }
        }

        /// The output's type and dimensions, from inputs and attributes; what the record says of its output, of scratch
        /// and of blocks is not looked at (only `alias` and `whole_graph` take the stated output).
        pub fn output_of(record: &Record) -> Result<(DType, Shape), AdmitError> {
            match operator(record)? {
                $(Operator::$variant => <$module::$variant as Kernel>::plan(record).map(|plan| plan.output()),)*
            }
        }

        /// The scratch that the node needs, in bytes; as [`output_of`], before the record states it.
        pub fn scratch_of(record: &Record) -> Result<u64, AdmitError> {
            match operator(record)? {
                $(Operator::$variant => <$module::$variant as Kernel>::plan(record).map(|plan| plan.scratch_bytes()),)*
            }
        }

        /// The cost of computing the whole output, in units of a few guest steps; 0 for what is not admitted. A range
        /// of the output costs no more.
        pub fn work_units(record: &Record) -> u64 {
            let Ok(operator) = operator(record) else {
                return 0;
            };
            match operator {
                $(Operator::$variant => kernel::admit::<$module::$variant>(record).map_or(0, |plan| plan.work_units()),)*
            }
        }

        /// Computes output bytes `start .. start + output.len()`, whole elements. They may begin with any content, except that they begin as the same
        /// bytes of the input that the record's `output_initial` names, if it names one.
        ///
        /// `inputs` have the sizes that the record states; `scratch` at least its `scratch_bytes`, with any content.
        /// Never panics; on an error `output` holds nothing of meaning.
        pub fn run(
            record: &Record,
            inputs: &[&[u8]],
            output: &mut [u8],
            start: usize,
            scratch: &mut [u8],
        ) -> Result<(), RunError> {
            match operator(record)? {
                $(Operator::$variant => kernel::run::<$module::$variant>(record, inputs, output, start, scratch),)*
            }
        }
    };
}

for_each_op!(define_operators);

impl Operator {
    /// Whether a range of the output costs about its share of the whole, so that it pays to compute ranges side by side. A range of any other
    /// operator may cost as much as the whole.
    pub const fn divides(self) -> bool {
        !matches!(
            self,
            Operator::WholeGraph
                | Operator::LstmF32
                | Operator::GruF32
                | Operator::RnnF32
                | Operator::Cumulate
                | Operator::Softmax
                | Operator::FixedSoftmax
                | Operator::TopK
                | Operator::ScatterElements
                | Operator::ScatterNd
                | Operator::UpdateRows
        )
    }
}

fn operator(record: &Record) -> Result<Operator, AdmitError> {
    Operator::from_tag(record.tag()).ok_or(AdmitError::Tag(record.tag()))
}
