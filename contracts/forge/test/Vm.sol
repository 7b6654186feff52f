// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev The cheat codes that these tests use.
interface Vm {
    function warp(uint256 time) external;
    function deal(address who, uint256 wei_) external;
    function prank(address sender) external;
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata reason) external;
    function expectRevert() external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @dev Fails the test.
error Failed(string what);

function check(bool holds, string memory what) pure {
    if (!holds) revert Failed(what);
}

/// @dev `value` moved into `least … most`.
function within(uint256 value, uint256 least, uint256 most) pure returns (uint256) {
    return least + value % (most - least + 1);
}
