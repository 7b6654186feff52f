//! Names that a changed model takes its own from.

use tract_onnx::pb::attribute_proto::AttributeType::{self, Float, Floats, Int, Ints, String, Strings, Tensor};

/// Operators.
#[rustfmt::skip]
pub(super) const OPERATORS: &[&str] = &[
    "Abs", "Acos", "Acosh", "Adagrad", "Adam", "Add", "AffineGrid", "And", "ArgMax", "ArgMin",
    "ArrayFeatureExtractor", "Asin", "Asinh", "Atan", "Atanh", "Attention", "AveragePool", "BatchNormalization",
    "Binarizer", "BitCast", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "BlackmanWindow",
    "Cast", "CastLike", "CausalConvWithState", "Ceil", "Celu", "CenterCropPad", "Clip", "Col2Im", "Compress",
    "Concat", "Constant", "ConstantOfShape", "Conv", "ConvInteger", "ConvTranspose", "Cos", "Cosh", "CumProd",
    "CumSum", "DFT", "DepthToSpace", "DequantizeLinear", "Div", "Dropout", "DynamicQuantizeLinear", "Einsum",
    "Elu", "Equal", "Erf", "Exp", "Expand", "EyeLike", "Flatten", "Floor", "GRU", "Gather", "GatherElements",
    "GatherND", "Gelu", "Gemm", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "Greater", "GreaterOrEqual",
    "GridSample", "GroupNormalization", "HammingWindow", "HannWindow", "HardSigmoid", "HardSwish", "Hardmax",
    "Identity", "If", "InstanceNormalization", "IsInf", "IsNaN", "LRN", "LSTM", "LayerNormalization", "LeakyRelu",
    "Less", "LessOrEqual", "LinearAttention", "Log", "LogSoftmax", "Loop", "LpNormalization", "LpPool", "MatMul",
    "MatMulInteger", "Max", "MaxPool", "MaxUnpool", "Mean", "MeanVarianceNormalization", "MelWeightMatrix", "Min",
    "Mish", "Mod", "Momentum", "Mul", "Neg", "NegativeLogLikelihoodLoss", "NonZero", "Not", "OneHot", "Optional",
    "OptionalGetElement", "OptionalHasElement", "Or", "PRelu", "Pad", "Pow", "QLinearConv", "QLinearMatMul",
    "QuantizeLinear", "RMSNormalization", "RNN", "Range", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum",
    "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare",
    "Relu", "Reshape", "Resize", "ReverseSequence", "RotaryEmbedding", "Round", "STFT", "Scan", "Scatter",
    "ScatterElements", "ScatterND", "Selu", "Shape", "Shrink", "Sigmoid", "Sign", "SimplifiedLayerNormalization",
    "Sin", "Sinh", "Size", "Slice", "Softmax", "SoftmaxCrossEntropyLoss", "Softplus", "Softsign", "SpaceToDepth",
    "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Swish", "Tan", "Tanh", "TensorScatter", "ThresholdedRelu", "Tile",
    "TopK", "Transpose", "Trilu", "Unsqueeze", "Upsample", "Where", "Xor",
];

/// Attributes and their types.
#[rustfmt::skip]
pub(super) const ATTRIBUTES: &[(&str, AttributeType)] = &[
    ("axis", Int), ("batch_axis", Int), ("time_axis", Int), ("align_corners", Int), ("allowzero", Int),
    ("antialias", Int), ("ceil_mode", Int), ("count_include_pad", Int), ("exclude_outside", Int),
    ("exclusive", Int), ("fmod", Int), ("input_forget", Int), ("interleaved", Int), ("inverse", Int),
    ("is_causal", Int), ("keepdims", Int), ("largest", Int), ("layout", Int), ("linear_before_reset", Int),
    ("noop_with_empty_axes", Int), ("onesided", Int), ("periodic", Int), ("reverse", Int),
    ("select_last_index", Int), ("storage_order", Int), ("training_mode", Int), ("upper", Int),
    ("batch_dims", Int), ("block_size", Int), ("blocksize", Int), ("dtype", Int), ("end", Int), ("group", Int),
    ("hidden_size", Int), ("ignore_index", Int), ("k", Int), ("kv_num_heads", Int), ("num_groups", Int),
    ("num_heads", Int), ("num_outputs", Int), ("num_scan_inputs", Int), ("output_datatype", Int),
    ("output_dtype", Int), ("p", Int), ("q_num_heads", Int), ("qk_matmul_output_mode", Int),
    ("rotary_embedding_dim", Int), ("size", Int), ("start", Int), ("to", Int), ("transA", Int), ("transB", Int),
    ("alpha", Float), ("beta", Float), ("bias", Float), ("clip", Float), ("cubic_coeff_a", Float),
    ("decay_factor", Float), ("epsilon", Float), ("extrapolation_value", Float), ("max", Float), ("min", Float),
    ("momentum", Float), ("norm_coefficient", Float), ("ratio", Float), ("scale", Float), ("softcap", Float),
    ("threshold", Float), ("value", Float), ("value_float", Float), ("scales", Floats),
    ("activation_alpha", Floats), ("activation_beta", Floats), ("value_floats", Floats), ("axes", Ints),
    ("kernel_shape", Ints), ("pads", Ints), ("perm", Ints), ("shape", Ints), ("split", Ints), ("strides", Ints),
    ("dilations", Ints), ("output_shape", Ints), ("output_padding", Ints), ("value_ints", Ints),
    ("scan_input_axes", Ints), ("scan_output_axes", Ints), ("scan_input_directions", Ints),
    ("scan_output_directions", Ints), ("starts", Ints), ("ends", Ints), ("steps", Ints), ("repeats", Ints),
    ("sizes", Ints), ("activation", String), ("approximate", String), ("auto_pad", String),
    ("coordinate_transformation_mode", String), ("direction", String), ("equation", String),
    ("keep_aspect_ratio_policy", String), ("mode", String), ("nearest_mode", String), ("padding_mode", String),
    ("reduction", String), ("update_rule", String), ("activations", Strings), ("value", Tensor),
];

/// Texts that attributes may have.
#[rustfmt::skip]
pub(super) const TEXTS: &[&str] = &[
    "constant", "edge", "reflect", "wrap", "linear", "nearest", "cubic", "bilinear", "bicubic", "zeros", "border",
    "reflection", "add", "mul", "max", "min", "none", "mean", "sum", "forward", "reverse", "bidirectional",
    "Sigmoid", "Tanh", "Relu", "Affine", "HardSigmoid", "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "DCR",
    "CRD", "asymmetric", "align_corners", "half_pixel", "pytorch_half_pixel", "tf_crop_and_resize",
    "round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "stretch", "not_larger", "not_smaller", "tanh",
    "LEFT", "RIGHT", "ij,jk->ik", "...i,...i->...", "ii->i", "i,j->ij", "a...->...", "ij->", "",
];
