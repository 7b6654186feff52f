// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev CHUNK_ZERO[0 … 25] of specs/tree.md, one word each: the roots of all-zero byte subtrees.
bytes constant CHUNK_ZEROS =
    hex"012893657d8eb2efad4de0a91bcd0e39ad9837745dec3ea923737ea803fc8e3d" // 0
    hex"1b9b4e85f28c23b06eb0c7893374c3f2f042dfd69fb1a91d81209bf8a7351774" // 1
    hex"17d3b128b542ddeb2811916734df4da9bc03545dc741cfce55848ad490567a9d" // 2
    hex"80616768f16b2d0acdd69313c4412bea0e714c33d00673ee837e148e8db3cb70" // 3
    hex"78384ab322032219e2d3e7044ea3ccef6a389b9adfd608c0c21a076054ed04ae" // 4
    hex"fcd18dfddb2a3f88b9e3a4025338cb0065e2ed12dd1662daf6f746d6c3acced3" // 5
    hex"1350ea7d1ce1747062236fda0c01798fd8f791c820f8ba82f538c0e3fb3e830c" // 6
    hex"45e055603063da3beb8dfbecf521c99db68d4fbf750f40adafb89837a370dd03" // 7
    hex"2356ecf363c8334aa5659c38c39a44a87de8404eb008f71ff68cafcb481526c0" // 8
    hex"5ec453e783ba1993121a1bf8ea991a143380349d725832384f24d8de9a91630c" // 9
    hex"e82cea94884b1b895ea0742840a3b19249a723810fd1b04d8564d675b0a416f1" // 10
    hex"011ea4b41f3f49383c687f9dc2ec5510853dcd7f2447b936d7e84ad680e4b368" // 11
    hex"43b22b5cfb8ee6f3efef87d2dafc6d9c4a0ff7d5d4ffcadd69faf72fc0138b34" // 12
    hex"b906b256cd64f5ae02f7b1736ad7553ce9402a4ca88e0df022aec2ede32f978f" // 13
    hex"e782eda7d0332765ff6ba7fb2c5c3849536f2329e185f23d8a4c43f86ecb2618" // 14
    hex"74f1f686ebcf19d2209d540c3c5fb7d70646238a23205b53d185def31b2ca348" // 15
    hex"1252fad34a65e866aad3ff0e3d633c226860aff99be77eafce9fcb58e2e7f777" // 16
    hex"6df5b2eb354af2fc14c879e4494a55f52b2d31938aa477b0bd90eea511bd79d7" // 17
    hex"66e509240505eaa33b69f440827986987399bcb26bcca1641378efdea8b6cf86" // 18
    hex"4e10c903f0acdb1fd58f0b5fbffd6b00bd7384ce89361a9069aa168fd6c7ad2e" // 19
    hex"77585817ad6fe512a46c8f136dc001b59fba269c28a9c18ecdb69357506e5fb3" // 20
    hex"c3c8b862ae2e69a649c1c24dd75b10c9e847e906e34a3d658db04c8097a0c454" // 21
    hex"0a4b2689af17c368e1741dfd2bbdabcbebdcb5cafcc7637bbedff0f82f50243d" // 22
    hex"9be3a577ae639112cb5c9b2e735877691f38c60761aac6b6e5be961ea0cc6fc2" // 23
    hex"33923d95fcfc3e9edce29bf29024237470a0fc887ef16cd2e28d60bbfff56dc0" // 24
    hex"65af8eb5f814724a342e4410601d11c118fb6c74a038f0fffb8a558604623fcb" // 25
;

/// @dev CHUNK_ZERO[21]: the root of a slot without bytes.
bytes32 constant EMPTY_SLOT = 0xc3c8b862ae2e69a649c1c24dd75b10c9e847e906e34a3d658db04c8097a0c454;

/// @title Roots of all-zero byte subtrees
library ChunkZero {
    /// The ladder of zero roots ends below this height.
    error NoSuchHeight(uint256 height);

    /// @dev CHUNK_ZERO[height], height at most 25.
    function root(uint256 height) internal pure returns (bytes32 node) {
        if (height > 25) revert NoSuchHeight(height);
        bytes memory zeros = CHUNK_ZEROS;
        assembly ("memory-safe") {
            node := mload(add(add(zeros, 0x20), shl(5, height)))
        }
    }

    /// @dev Folds a byte subtree of height `from` that lies leftmost, with zero siblings, to height `to` (at most 26).
    function fold(bytes32 subtree, uint256 from, uint256 to) internal pure returns (bytes32 node) {
        if (to > 26) revert NoSuchHeight(to);
        node = place(subtree, 0, from, to);
    }

    /// @dev The root at height `to` (at most 26) over zeros and the subtree, which is node `(from, index)`.
    function place(bytes32 subtree, uint256 index, uint256 from, uint256 to) internal pure returns (bytes32 node) {
        if (to > 26) revert NoSuchHeight(to);
        bytes memory zeros = CHUNK_ZEROS;
        assembly ("memory-safe") {
            node := subtree
            let zero := add(add(zeros, 0x20), shl(5, from))
            for { let end := add(add(zeros, 0x20), shl(5, to)) } lt(zero, end) { zero := add(zero, 0x20) } {
                let side := shl(5, and(index, 1))
                mstore(side, node)
                mstore(xor(side, 0x20), mload(zero))
                node := keccak256(0, 0x40)
                index := shr(1, index)
            }
        }
    }
}
