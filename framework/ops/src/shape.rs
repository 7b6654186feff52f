use core::fmt;

/// The most dimensions a tensor may have.
pub const MAX_RANK: usize = 6;

/// Why dimensions are not a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// More than [`MAX_RANK`] dimensions.
    Rank(usize),
    /// A dimension is zero.
    Empty {
        /// Which.
        axis: usize,
    },
    /// The product does not fit 32 bits.
    Size,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShapeError::Rank(rank) => write!(formatter, "a tensor has at most {MAX_RANK} dimensions, not {rank}"),
            ShapeError::Empty { axis } => write!(formatter, "dimension {axis} is zero"),
            ShapeError::Size => formatter.write_str("the tensor has more than 2^32 elements"),
        }
    }
}

impl core::error::Error for ShapeError {}

/// The dimensions of a tensor: at most six, each at least one, product below 2^32. Rank 0 is a scalar.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    rank: usize,
    dims: [u32; MAX_RANK],
}

impl Shape {
    /// Checks `dims`.
    pub fn new(dims: &[u32]) -> Result<Shape, ShapeError> {
        if dims.len() > MAX_RANK {
            return Err(ShapeError::Rank(dims.len()));
        }
        let mut shape = Shape {
            rank: dims.len(),
            dims: [0; MAX_RANK],
        };
        let mut elements = 1u32;
        for (axis, &dim) in dims.iter().enumerate() {
            if dim == 0 {
                return Err(ShapeError::Empty { axis });
            }
            elements = elements.checked_mul(dim).ok_or(ShapeError::Size)?;
            shape.dims[axis] = dim;
        }
        Ok(shape)
    }

    /// The dimensions, outermost first.
    pub fn dims(&self) -> &[u32] {
        &self.dims[..self.rank]
    }

    /// The number of dimensions.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The number of elements.
    pub fn elements(&self) -> u32 {
        self.dims().iter().product()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[")?;
        for (axis, dim) in self.dims().iter().enumerate() {
            write!(formatter, "{}{dim}", if axis == 0 { "" } else { ", " })?;
        }
        formatter.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
