// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Moves} from "../../src/game/Moves.sol";
import {Opened, Position} from "../../src/game/Types.sol";

/// @title The moves as calls, so that what they read is calldata and what they refuse can be caught
abstract contract MovesCalls {
    function opened(Position calldata from, Opened memory result) external pure returns (Position memory) {
        return Moves.opened(from, result);
    }

    function revealed(Position calldata from, uint256 arity, bool machine, bytes32[] calldata roots)
        external
        pure
        returns (Position memory)
    {
        return Moves.revealed(from, arity, machine, roots);
    }

    function rejected(Position calldata from, uint256 arity, bool machine, bytes32[] calldata roots, uint256 child)
        external
        pure
        returns (Position memory)
    {
        return Moves.rejected(from, arity, machine, roots, child);
    }
}
