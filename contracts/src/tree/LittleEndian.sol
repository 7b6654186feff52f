// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev The four bytes of a u32 in the other order; higher bits of `word` must be zero.
function reverse32(uint256 word) pure returns (uint256 reversed) {
    assembly ("memory-safe") {
        reversed := or(shl(8, and(word, 0x00ff00ff)), and(shr(8, word), 0x00ff00ff))
        reversed := or(and(shl(16, reversed), 0xffff0000), shr(16, reversed))
    }
}
