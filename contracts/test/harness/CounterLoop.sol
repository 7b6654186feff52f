// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Claim, Context, Narrowed, Opened, Position, VERDICT_CLAIM} from "../../src/game/Types.sol";
import {IVectorStage} from "../../src/stages/IStage.sol";
import {Packed} from "../../src/tree/Packed.sol";
import {Path} from "../../src/tree/Path.sol";
import {VectorTree} from "../../src/tree/VectorTree.sol";

/// @title A loop of counter programs (the layout is stated in framework/engine's `counter` module)
contract CounterLoop is IVectorStage {
    error NotTheProgram();
    error NotTheOutput();
    error NotThePassBefore();

    function kind() external pure virtual returns (bytes32) {
        return "loop";
    }

    function isMachine() external pure returns (bool) {
        return false;
    }

    function enter(bytes calldata header, bytes32[] calldata request)
        external
        pure
        returns (bytes32 program, bytes32 inputs)
    {
        return (_program(header), request[0]);
    }

    function open(Context calldata, Claim calldata claim, bytes calldata payload)
        external
        pure
        virtual
        returns (Opened memory)
    {
        return _open(claim.program, claim.output, payload);
    }

    function narrow(Context calldata, Claim calldata claim, Position calldata position, bytes calldata payload)
        external
        pure
        returns (Narrowed memory narrowed)
    {
        (bytes32 body, uint256 count, bytes calldata rest) = _header(claim.program, payload);
        bytes32 inputs = claim.inputs;
        if (position.lower != 0) {
            (inputs, rest) = Packed.root(rest);
            bytes32[] memory path;
            (path, rest) = Path.read(rest, VectorTree.height(count));
            if (Path.fold(inputs, position.lower - 1, path) != position.anchor) revert NotThePassBefore();
        }
        Packed.finish(rest);
        narrowed.verdict = VERDICT_CLAIM;
        narrowed.claim = Claim(body, inputs, position.disputed);
    }

    function _open(bytes32 program, bytes32 output, bytes calldata payload)
        internal
        pure
        returns (Opened memory opened)
    {
        (, uint256 count, bytes calldata rest) = _header(program, payload);
        uint256 height = VectorTree.height(count);
        bytes32[] memory path;
        (opened.anchor, rest) = Packed.root(rest);
        (path, rest) = Path.read(rest, height);
        Packed.finish(rest);
        if (Path.fold(output, count - 1, path) != opened.anchor) revert NotTheOutput();
        opened.disputed = opened.anchor;
        opened.count = uint64(count);
        opened.width = uint64(1 << height);
    }

    function _header(bytes32 program, bytes calldata payload)
        private
        pure
        returns (bytes32 body, uint256 count, bytes calldata rest)
    {
        bytes calldata header;
        (header, rest) = Packed.take(payload, 40);
        if (_program(header) != program) revert NotTheProgram();
        (body, count) = (bytes32(header[0:32]), uint64(bytes8(header[32:40])));
    }

    function _program(bytes calldata header) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes32("counter.loop"), header));
    }
}
