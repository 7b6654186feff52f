// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev `place` as a number that is known: each below `end` is a case of its own for the prover, others are none.
function each(uint256 place, uint256 end) pure returns (bool found, uint256 number) {
    for (; number < end; ++number) if (place == number) return (true, number);
}
