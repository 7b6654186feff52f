//! Functions that attribute words name.

macro_rules! functions {
    ($(#[$doc:meta])* $name:ident { $($code:literal $variant:ident $text:literal $means:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum $name {
            $(
                #[doc = $means]
                $variant = $code,
            )*
        }

        impl $name {
            /// Every function, by ascending code.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The function of a code.
            pub const fn from_code(code: u32) -> Option<$name> {
                match code {
                    $($code => Some($name::$variant),)*
                    _ => None,
                }
            }

            /// The name in specs and vectors.
            pub const fn name(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)*
                }
            }
        }
    };
}

functions! {
    /// What `unary` computes of each element; α and β are attributes.
    Unary {
        0 Abs "abs" "|x|",
        1 Neg "neg" "−x",
        2 Sign "sign" "−1, 0 or 1; ±0 of ±0",
        3 Reciprocal "reciprocal" "1 / x",
        4 Floor "floor" "the greatest whole number not above x",
        5 Ceil "ceil" "the least whole number not below x",
        6 Round "round" "the nearest whole number, halves to even",
        7 Sqrt "sqrt" "√x, correctly rounded",
        8 Exp "exp" "e^x",
        9 Log "log" "ln x",
        10 Sin "sin" "sine of radians",
        11 Cos "cos" "cosine of radians",
        12 Tan "tan" "tangent of radians",
        13 Asin "asin" "arc sine",
        14 Acos "acos" "arc cosine",
        15 Atan "atan" "arc tangent",
        16 Sinh "sinh" "hyperbolic sine",
        17 Cosh "cosh" "hyperbolic cosine",
        18 Tanh "tanh" "hyperbolic tangent",
        19 Asinh "asinh" "inverse hyperbolic sine",
        20 Acosh "acosh" "inverse hyperbolic cosine",
        21 Atanh "atanh" "inverse hyperbolic tangent",
        22 Erf "erf" "the error function",
        23 Sigmoid "sigmoid" "1 / (1 + e^−x)",
        24 Softplus "softplus" "ln(1 + e^x), as max(x, 0) + ln(1 + e^−|x|)",
        25 Gelu "gelu" "½·x·(1 + erf(x / √2))",
        26 GeluTanh "gelu_tanh" "½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))",
        27 LeakyRelu "leaky_relu" "x, or α·x below 0",
        28 Relu "relu" "x, or 0 below 0",
        29 Elu "elu" "x, or α·(e^x − 1) below 0",
        30 Selu "selu" "β·x, or β·(α·e^x − α) below 0",
        31 Celu "celu" "max(0, x) + min(0, α·(e^(x/α) − 1))",
        32 HardSigmoid "hard_sigmoid" "α·x + β bounded to 0 … 1",
        33 HardSwish "hard_swish" "x · (x/6 + ½ bounded to 0 … 1)",
        34 Mish "mish" "x · tanh(softplus(x))",
        35 Softsign "softsign" "x / (1 + |x|)",
        36 ThresholdedRelu "thresholded_relu" "x above α, else 0",
        37 Shrink "shrink" "x + β below −α, x − β above α, else 0",
        38 Clip "clip" "x bounded to α … β: first from below, then from above; NaN stays",
        39 IsNan "is_nan" "whether x is no number",
        40 IsInf "is_inf" "whether x is ∞ and α ≠ 0, or −∞ and β ≠ 0",
        41 Not "not" "whether x is false",
        42 BitNot "bit_not" "every bit turned",
        43 Swish "swish" "x / (1 + e^(−α·x))",
        44 Affine "affine" "α·x + β, rounded twice",
        45 Trunc "trunc" "the whole number next to x towards 0",
    }
}

functions! {
    /// What `binary` computes of each pair of elements.
    Binary {
        0 Add "add" "a + b",
        1 Sub "sub" "a − b",
        2 Mul "mul" "a · b",
        3 Div "div" "a / b; integers: towards zero, 0 for b = 0",
        4 Pow "pow" "a^b; integers: modulo 2^64 before the type's wrap, and 1/a^|b| towards zero for b < 0",
        5 Minimum "minimum" "the lesser, b when equal; NaN when either is",
        6 Maximum "maximum" "the greater, b when equal; NaN when either is",
        7 Modulo "modulo" "the remainder with b's sign; integers: 0 for b = 0",
        8 Remainder "remainder" "the remainder with a's sign; integers: 0 for b = 0",
        9 And "and" "both",
        10 Or "or" "either",
        11 Xor "xor" "exactly one",
        12 Equal "equal" "a = b",
        13 Less "less" "a < b",
        14 LessOrEqual "less_or_equal" "a ≤ b",
        15 Greater "greater" "a > b",
        16 GreaterOrEqual "greater_or_equal" "a ≥ b",
        17 BitAnd "bit_and" "bits of both",
        18 BitOr "bit_or" "bits of either",
        19 BitXor "bit_xor" "bits of exactly one",
        20 ShiftLeft "shift_left" "a · 2^b; 0 for b outside 0 … 63",
        21 ShiftRight "shift_right" "a / 2^b towards −∞ as the type's bits without sign; 0 for b outside 0 … 63",
        22 Prelu "prelu" "a, or a · b below 0",
    }
}

functions! {
    /// What `reduce` makes of many elements.
    Reduce {
        0 Sum "sum" "Σ x",
        1 Mean "mean" "Σ x / n",
        2 Max "max" "the greatest, by `maximum`",
        3 Min "min" "the least, by `minimum`",
        4 Prod "prod" "Π x, from 1, in order",
        5 SumSquare "sum_square" "Σ x²",
        6 L1 "l1" "Σ |x|",
        7 L2 "l2" "√Σ x²",
        8 LogSum "log_sum" "ln Σ x",
        9 LogSumExp "log_sum_exp" "m + ln Σ e^(x − m), m the greatest, or 0 when that is no finite number",
    }
}

functions! {
    /// What `pool` makes of a window's taps.
    Pool {
        0 Max "max" "the greatest tap inside the image, by `maximum`; the least number of the type when there is none",
        1 Mean "mean" "Σ of the taps inside the image / their number, 0 when there is none",
        2 MeanPadded "mean_padded" "Σ of the taps inside the image / the taps that lie in the image or its padding",
        3 Lp "lp" "(Σ |x|^p)^(1/p) of the taps inside the image, p the attribute",
    }
}

functions! {
    /// How `scatter_elements` and `scatter_nd` join a new element with what is there.
    Scatter {
        0 Replace "replace" "the new one",
        1 Add "add" "the sum",
        2 Mul "mul" "the product",
        3 Min "min" "the lesser, by `minimum`",
        4 Max "max" "the greater, by `maximum`",
    }
}

functions! {
    /// Activations of recurrent cells.
    Activation {
        0 Sigmoid "sigmoid" "1 / (1 + e^−x)",
        1 Tanh "tanh" "hyperbolic tangent",
        2 Relu "relu" "x, or 0 below 0",
        3 Identity "identity" "x",
    }
}

functions! {
    /// What `fixed_unary` computes of each element.
    FixedUnary {
        0 Exp "exp" "e^x",
        1 Sigmoid "sigmoid" "1 / (1 + e^−x)",
        2 Tanh "tanh" "hyperbolic tangent",
        3 Erf "erf" "the error function",
        4 Gelu "gelu" "½·x·(1 + erf(x / √2))",
        5 Rsqrt "rsqrt" "1 / √x; the type's greatest number for x ≤ 0",
        6 Reciprocal "reciprocal" "1 / x; the type's greatest number for 0",
        7 Log "log" "ln x; the type's least number for x ≤ 0",
        8 Sqrt "sqrt" "√x; 0 for x < 0",
    }
}
