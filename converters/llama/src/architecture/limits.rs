use super::{Architecture, ArchitectureError};

/// What a source calls the sizes.
pub(crate) struct SizeKeys {
    pub(crate) layers: &'static str,
    pub(crate) width: &'static str,
    pub(crate) heads: &'static str,
    pub(crate) kv_heads: &'static str,
    pub(crate) head_size: &'static str,
    pub(crate) feed_width: &'static str,
    pub(crate) vocabulary: &'static str,
    pub(crate) context: &'static str,
    pub(crate) rotated: &'static str,
}

/// The most values of all queries of a token.
const MOST_QUERIES: usize = 1 << 20;

/// Refuses sizes that no model has, so that whatever is computed from them fits a machine word.
pub(crate) fn check(architecture: &Architecture, keys: &SizeKeys) -> Result<(), ArchitectureError> {
    let sizes = [
        (keys.layers, architecture.layers, 1 << 12),
        (keys.width, architecture.width, 1 << 18),
        (keys.heads, architecture.heads, 1 << 12),
        (keys.kv_heads, architecture.kv_heads, 1 << 12),
        (keys.head_size, architecture.head_size, 1 << 14),
        (keys.feed_width, architecture.feed_width, 1 << 20),
        (keys.vocabulary, architecture.vocabulary, 1 << 22),
        (keys.context, architecture.context, 1 << 26),
        (keys.rotated, architecture.rope.dimensions, architecture.head_size),
    ];
    for (key, found, most) in sizes {
        if !(1..=most).contains(&found) {
            return Err(ArchitectureError::Size {
                key: key.to_string(),
                found: found as u64,
                least: 1,
                most: most as u64,
            });
        }
    }
    // A panel of a matrix as deep as all queries of a token is a value of a graph.
    let queries = architecture.query_width();
    if queries > MOST_QUERIES {
        return Err(ArchitectureError::Size {
            key: format!("{}` · `{}", keys.heads, keys.head_size),
            found: queries as u64,
            least: 1,
            most: MOST_QUERIES as u64,
        });
    }
    let multiple = |key: &str, found: usize, other: &str, divisor: usize| {
        if found.is_multiple_of(divisor) {
            return Ok(());
        }
        Err(ArchitectureError::Multiple {
            key: key.to_string(),
            found,
            other: other.to_string(),
            divisor,
        })
    };
    multiple(keys.heads, architecture.heads, keys.kv_heads, architecture.kv_heads)?;
    multiple(keys.rotated, architecture.rope.dimensions, "2", 2)
}
