// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Multiproof} from "../tree/Multiproof.sol";
import {Packed} from "../tree/Packed.sol";
import {VectorTree} from "../tree/VectorTree.sol";
import {Node} from "./Node.sol";
import {Record} from "./Record.sol";

/// @title A node's inputs, opened against the vectors that they come from
library NodeInputs {
    /// Two inputs read the same place and are given different roots.
    error TwoRootsForOneLeaf(uint256 source, uint256 index);
    /// The inputs are not at their places in the vector.
    error VectorMismatch(uint256 source, bytes32 expected, bytes32 proven);

    /// @dev The roots of slots 4 … 15 of node `part`: constants from the leaf, the others, in slot order, off the front of
    /// `payload`; a local that does not precede the node is an empty slot and is not sent.
    function read(bytes calldata record, bytes32[12] memory constants, uint256 part, bytes calldata payload)
        internal
        pure
        returns (bytes32[12] memory slots, bytes calldata rest)
    {
        unchecked {
            rest = payload;
            slots = Node.emptySlots();
            uint256 count = Record.inputCount(record);
            for (uint256 input; input < count; ++input) {
                uint256 source = Record.source(record, input);
                if (source == Record.SOURCE_CONSTANT) {
                    slots[input] = constants[input];
                } else if (source == Record.SOURCE_CARRY || source == Record.SOURCE_FEED) {
                    (slots[input], rest) = Packed.root(rest);
                } else if (source == Record.SOURCE_LOCAL) {
                    if (Record.index(record, input) < part) (slots[input], rest) = Packed.root(rest);
                } else {
                    revert Node.UnknownSource(input, source);
                }
            }
        }
    }

    /// @dev Checks the inputs that come from `source` at indices below `limit` by one multiproof at the front of `payload`
    /// against the vector of `count` roots whose root is `expected`. Nothing to check: nothing is read.
    function check(
        bytes calldata record,
        bytes32[12] memory slots,
        uint256 source,
        uint256 limit,
        uint256 count,
        bytes32 expected,
        bytes calldata payload
    ) internal pure returns (bytes calldata rest) {
        (uint256[] memory indices, bytes32[] memory nodes) = gather(record, slots, source, limit);
        if (indices.length == 0) return payload;
        bytes32 proven;
        (proven, rest) = Multiproof.root(VectorTree.height(count), indices, nodes, payload);
        if (proven != expected) revert VectorMismatch(source, expected, proven);
    }

    /// @dev The distinct indices that are read from `source`, increasing, and their roots.
    function gather(bytes calldata record, bytes32[12] memory slots, uint256 source, uint256 limit)
        private
        pure
        returns (uint256[] memory indices, bytes32[] memory nodes)
    {
        unchecked {
            indices = new uint256[](12);
            nodes = new bytes32[](12);
            uint256 found;
            uint256 count = Record.inputCount(record);
            for (uint256 input; input < count; ++input) {
                uint256 index = Record.index(record, input);
                if (Record.source(record, input) != source || index >= limit) continue;
                uint256 place = found;
                while (place > 0 && indices[place - 1] > index) --place;
                if (place > 0 && indices[place - 1] == index) {
                    if (nodes[place - 1] != slots[input]) revert TwoRootsForOneLeaf(source, index);
                    continue;
                }
                for (uint256 later = found; later > place; --later) {
                    indices[later] = indices[later - 1];
                    nodes[later] = nodes[later - 1];
                }
                indices[place] = index;
                nodes[place] = slots[input];
                ++found;
            }
            assembly ("memory-safe") {
                mstore(indices, found)
                mstore(nodes, found)
            }
        }
    }
}
