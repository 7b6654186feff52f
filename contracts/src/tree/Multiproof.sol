// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Packed} from "./Packed.sol";
import {VectorTree} from "./VectorTree.sol";

/// @title Opening several leaves of a vector at once
library Multiproof {
    /// Nothing is opened, or not one node for each index.
    error NoLeaves();
    /// Indices increase and lie within the tree.
    error LeafOutOfOrder(uint256 place, uint256 index);

    /// @dev Folds leaves (indices strictly increasing, below 2^height) left to right in each level, taking the siblings
    /// that are not among them off the front of `payload`. Overwrites both arrays.
    function root(uint256 height, uint256[] memory indices, bytes32[] memory nodes, bytes calldata payload)
        internal
        pure
        returns (bytes32, bytes calldata rest)
    {
        unchecked {
            uint256 count = indices.length;
            if (count == 0 || nodes.length != count) revert NoLeaves();
            for (uint256 place; place < count; ++place) {
                uint256 index = indices[place];
                bool ordered = place == 0 || indices[place - 1] < index;
                if (!ordered || index >> height != 0) revert LeafOutOfOrder(place, index);
            }
            rest = payload;
            for (; height > 0; --height) {
                uint256 above;
                for (uint256 place; place < count;) {
                    uint256 index = indices[place];
                    bytes32 node = nodes[place++];
                    bytes32 sibling;
                    if (index & 1 == 0 && place < count && indices[place] == index + 1) {
                        sibling = nodes[place++];
                    } else {
                        (sibling, rest) = Packed.root(rest);
                    }
                    indices[above] = index >> 1;
                    nodes[above++] = index & 1 == 0 ? VectorTree.pair(node, sibling) : VectorTree.pair(sibling, node);
                }
                count = above;
            }
            return (nodes[0], rest);
        }
    }
}
