// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Vectors of roots: trees whose leaves are the roots themselves, absent ones the zero word
library VectorTree {
    /// @dev 0 up to one root, else the smallest h with 2^h ≥ count.
    function height(uint256 count) internal pure returns (uint256 h) {
        unchecked {
            while ((1 << h) < count) ++h;
        }
    }

    /// @dev The root over the whole vector; the zero word when it is empty. Overwrites `row`.
    function root(bytes32[] memory row) internal pure returns (bytes32) {
        unchecked {
            uint256 count = row.length;
            bytes32 absent;
            while (count > 1) {
                uint256 pairs = (count + 1) >> 1;
                for (uint256 i; i < pairs; ++i) {
                    bytes32 right = 2 * i + 1 < count ? row[2 * i + 1] : absent;
                    row[i] = pair(row[2 * i], right);
                }
                absent = pair(absent, absent);
                count = pairs;
            }
            return count == 0 ? bytes32(0) : row[0];
        }
    }

    /// @dev The inner node over two children.
    function pair(bytes32 left, bytes32 right) internal pure returns (bytes32 above) {
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(0x20, right)
            above := keccak256(0, 0x40)
        }
    }
}
