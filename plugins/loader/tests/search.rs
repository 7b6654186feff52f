//! Where plugins are looked for.

use std::fs;
use std::path::PathBuf;

use opml_plugin_loader::{SearchPath, library_name};

#[test]
fn the_first_folder_that_has_the_plugin_wins() {
    let folders: Vec<tempfile::TempDir> = (0..3).map(|_| tempfile::tempdir().expect("a folder")).collect();
    let paths: Vec<PathBuf> = folders.iter().map(|folder| folder.path().to_path_buf()).collect();
    let search = SearchPath::new(paths.clone());
    assert!(search.locate("two-words").is_err());
    for folder in paths.iter().skip(1).rev() {
        let file = folder.join("libopml_plugin_two_words.so");
        fs::write(&file, "").expect("the file is written");
        assert_eq!(search.locate("two-words"), Ok(file));
    }
    fs::create_dir(paths[0].join("libopml_plugin_two_words.so")).expect("a folder of that name");
    assert_eq!(
        search.locate("two-words"),
        Ok(paths[1].join("libopml_plugin_two_words.so"))
    );
}

#[test]
fn a_path_is_not_looked_for() {
    let search = SearchPath::new([]);
    for path in ["/a/b", "./b", "b.so", "a/b.so", "../x", "b/"] {
        assert_eq!(search.locate(path), Ok(PathBuf::from(path)));
    }
}

#[test]
fn folders_are_kept_once_and_in_order() {
    let search = SearchPath::new(["/b", "/a", "", "/b"].map(PathBuf::from));
    assert_eq!(search.folders(), ["/b", "/a"].map(PathBuf::from));
}

#[test]
fn the_standard_folders_lie_around_the_program() {
    let program = std::env::current_exe().expect("this test's path");
    let folder = program.parent().expect("its folder");
    let above = folder.parent().expect("the folder above");
    let expected = [
        folder.join("deps"),
        folder.to_path_buf(),
        above.join("deps"),
        above.join("lib").join("opml"),
    ];
    let standard = SearchPath::standard();
    let kept: Vec<&PathBuf> = standard
        .folders()
        .iter()
        .filter(|place| expected.contains(place))
        .collect();
    let mut once = Vec::new();
    expected.iter().for_each(|place| {
        if !once.contains(&place) {
            once.push(place);
        }
    });
    assert_eq!(kept, once);
}

#[test]
fn what_cargo_built_beside_this_program_is_found() {
    let found = SearchPath::standard()
        .locate("sample")
        .expect("the sample is built with this test");
    assert_eq!(
        found.file_name().and_then(|name| name.to_str()),
        Some(&*library_name("sample"))
    );
    assert_eq!(
        found
            .parent()
            .and_then(|folder| folder.file_name())
            .and_then(|name| name.to_str()),
        Some("deps")
    );
}
