// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Packed} from "../tree/Packed.sol";

/// What a loop program's header says, but for its bodies.
struct Loop {
    /// keccak256 of the tagged header.
    bytes32 program;
    /// keccak256 of the entry rule.
    bytes32 entryRule;
    uint256 carryCount;
    /// 0: the whole carry; else 1 + the carried value that is the output.
    uint256 output;
    /// All passes, 1 … 2^32.
    uint256 passes;
}

/// @title Loop headers (specs/programs.md)
library LoopHeader {
    /// A loop carries 1 … 65,536 values.
    error CarryCount(uint256 count);
    /// The output is none of the carried values.
    error OutputOutsideCarry(uint256 output, uint256 carryCount);
    /// A loop has 1 … 4 bodies.
    error BodyCount(uint256 count);
    /// The body is neither a graph, a loop nor a node.
    error UnknownBodyKind(uint256 kind);
    /// A body that is a node has one carried value.
    error NodeCarriesOneValue(uint256 carryCount);
    /// The body is run in no pass.
    error BodyWithoutPasses(uint256 body);
    /// The passes do not fit 32 bits.
    error TooManyPasses(uint256 passes);
    /// The loop has no such pass.
    error PassOutsideLoop(uint256 pass, uint256 passes);

    uint256 internal constant FRONT_BYTES = 41;
    uint256 internal constant BODY_BYTES = 41;
    /// @dev A body that is a node, which is a whole graph in one record.
    uint256 internal constant KIND_NODE = 1;

    /// @dev Takes a header off the front of `payload`.
    function read(bytes calldata payload)
        internal
        pure
        returns (Loop memory loop, bytes calldata bodies, bytes calldata rest)
    {
        uint256 bodyCount;
        (loop.entryRule, rest) = Packed.root(payload);
        (loop.carryCount, rest) = Packed.u32(rest);
        (loop.output, rest) = Packed.u32(rest);
        (bodyCount, rest) = Packed.u8(rest);
        if (loop.carryCount == 0 || loop.carryCount > 1 << 16) revert CarryCount(loop.carryCount);
        if (loop.output > loop.carryCount) revert OutputOutsideCarry(loop.output, loop.carryCount);
        if (bodyCount == 0 || bodyCount > 4) revert BodyCount(bodyCount);
        (bodies, rest) = Packed.take(rest, bodyCount * BODY_BYTES);
        unchecked {
            for (uint256 place; place < bodyCount; ++place) {
                (uint256 kind,, uint256 passes) = body(bodies, place);
                if (kind > KIND_NODE) revert UnknownBodyKind(kind);
                if (kind == KIND_NODE && loop.carryCount != 1) revert NodeCarriesOneValue(loop.carryCount);
                if (passes == 0) revert BodyWithoutPasses(place);
                loop.passes += passes;
            }
            if (loop.passes > 1 << 32) revert TooManyPasses(loop.passes);
            loop.program =
                keccak256(abi.encodePacked(bytes32("opml.loop"), payload[:FRONT_BYTES + bodyCount * BODY_BYTES]));
        }
    }

    /// @dev Body `place` of the `bodies` that `read` gave.
    function body(bytes calldata bodies, uint256 place)
        internal
        pure
        returns (uint256 kind, bytes32 program, uint256 passes)
    {
        assembly ("memory-safe") {
            let start := add(bodies.offset, mul(place, 41))
            kind := byte(0, calldataload(start))
            program := calldataload(add(start, 1))
            passes := shr(192, calldataload(add(start, 33)))
        }
    }

    /// @dev The body that pass `pass` of `loop` belongs to.
    function bodyOf(Loop memory loop, bytes calldata bodies, uint256 pass)
        internal
        pure
        returns (uint256 kind, bytes32 program)
    {
        unchecked {
            if (pass >= loop.passes) revert PassOutsideLoop(pass, loop.passes);
            uint256 end;
            for (uint256 place; end <= pass; ++place) {
                uint256 passes;
                (kind, program, passes) = body(bodies, place);
                end += passes;
            }
        }
    }
}
