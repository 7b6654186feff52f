// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Claim, Context, Narrowed, Opened, Position} from "../game/Types.sol";

/// @title One stage of a pipeline: stateless checks of payloads (specs/game.md)
/// @notice A payload that proves nothing reverts with a named error and decides nothing. The machine stage has no more than this:
/// its one part is a step, which the machine itself replays (vms/IVm.sol).
interface IStage {
    /// @notice The stage's kind, ASCII padded with zeros: "loop", "graph", "node", "instruction".
    function kind() external pure returns (bytes32);

    /// @notice Whether parts are machine states; otherwise they are leaves of a tree.
    function isMachine() external pure returns (bool);

    /// @notice The claim's program and inputs when a task enters a pipeline whose first stage this is.
    /// @param header loop: loop header and entry rule; graph: the 52-byte graph header; node and instruction: record (1024) and
    /// constant roots in slot order
    /// @param request roots of the request's values, in order
    function enter(bytes calldata header, bytes32[] calldata request)
        external
        view
        returns (bytes32 program, bytes32 inputs);

    /// @notice Checks the defender's `open`. The caller has checked that `claim` is the position's.
    function open(Context calldata context, Claim calldata claim, bytes calldata payload)
        external
        view
        returns (Opened memory);
}

/// @title A stage whose parts are leaves of a tree
interface IVectorStage is IStage {
    /// @notice The claim or verdict of the one part at `position.lower`. The caller has checked `claim` and `position`.
    function narrow(
        Context calldata context,
        Claim calldata claim,
        Position calldata position,
        bytes calldata payload
    ) external view returns (Narrowed memory);
}
