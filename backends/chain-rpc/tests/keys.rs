//! Keys from text and from encrypted keystores.

use opml_chain_rpc::Key;

/// The PBKDF2 test vector of the Web3 secret storage definition.
const KEYSTORE: &str = r#"{
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": { "iv": "6087dab2f9fdbbfaddc31a909735c1e6" },
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144,
            "dklen": 32,
            "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3
}"#;
const KEY: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const ACCOUNT: &str = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

#[test]
fn a_keystore_opens_with_its_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key.json");
    std::fs::write(&file, KEYSTORE).expect("written");
    let key = Key::open(&file, "testpassword").expect("it opens");
    assert_eq!(key.account().to_string(), ACCOUNT);
    assert_eq!(
        format!("{key:?}"),
        format!("Key({ACCOUNT})"),
        "nothing of the key is shown"
    );

    let locked = Key::open(&file, "another").expect_err("another password");
    assert_eq!(
        locked.to_string(),
        format!("the keystore {} does not open: Mac Mismatch", file.display())
    );
    std::fs::write(&file, "{}").expect("written");
    let other = Key::open(&file, "testpassword").expect_err("no keystore").to_string();
    assert!(
        other.starts_with(&format!("the keystore {} does not open: ", file.display())),
        "{other}"
    );
    let missing = folder.path().join("nowhere.json");
    let missing = Key::open(&missing, "testpassword").expect_err("no file").to_string();
    assert!(missing.starts_with("cannot read the keystore "), "{missing}");
}

#[test]
fn a_key_is_sixty_four_digits() {
    for text in [KEY, &format!("0x{KEY}"), &format!(" {KEY}\n")] {
        assert_eq!(Key::parse(text).expect("a key").account().to_string(), ACCOUNT);
    }
    for wrong in [
        "",
        "0x",
        &KEY[1..],
        &format!("{KEY}00"),
        &"0".repeat(64),
        &"z".repeat(64),
    ] {
        let refused = Key::parse(wrong).expect_err(wrong).to_string();
        assert_eq!(refused, "it is not a private key: 64 hexadecimal digits are needed");
    }
}
