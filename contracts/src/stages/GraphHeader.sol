// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Packed} from "../tree/Packed.sol";

/// What a graph program's 52-byte header says.
struct Graph {
    /// keccak256 of the tagged header.
    bytes32 program;
    bytes32 nodeTable;
    uint256 nodeCount;
    uint256 carryCount;
    uint256 feedCount;
    uint256 outputHeight;
    uint256 outputIndex;
}

/// @title Graph headers (specs/programs.md)
library GraphHeader {
    uint256 internal constant BYTES = 52;

    /// @dev Takes a header off the front of `payload`.
    function read(bytes calldata payload) internal pure returns (Graph memory graph, bytes calldata rest) {
        bytes calldata header;
        (header, rest) = Packed.take(payload, BYTES);
        graph.program = keccak256(abi.encodePacked(bytes32("opml.graph"), header));
        (graph.nodeTable, header) = Packed.root(header);
        (graph.nodeCount, header) = Packed.u32(header);
        (graph.carryCount, header) = Packed.u32(header);
        (graph.feedCount, header) = Packed.u32(header);
        (graph.outputHeight, header) = Packed.u32(header);
        (graph.outputIndex, header) = Packed.u32(header);
    }
}
