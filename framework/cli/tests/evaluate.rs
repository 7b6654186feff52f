//! `opml-run evaluate`: the float model beside the quantised one.

mod program;

use program::{folder, opml_run, root, variant};

fn evaluated(changes: &[(&str, &str)]) -> program::Ended {
    let folder = folder();
    let spec = variant(folder.path(), "mnist-cnn", changes);
    let golden = |name: &str| root().join("examples/mnist/golden").join(name).display().to_string();
    let (images, labels) = (golden("images.npy"), golden("labels.npy"));
    opml_run(
        folder.path(),
        &["evaluate", &spec, "--images", &images, "--labels", &labels, "-q"],
    )
}

#[test]
fn a_network_that_is_integers_throughout() {
    let ended = evaluated(&[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(
        ended.stdout,
        "100 inputs\n  float       99.00 %  (99 right)\n  quantised   99.00 %  (99 right)\n  lost         0.00 points\n  agreement  100.00 %\n  layers     none is f32 in both models\n"
    );
}

#[test]
fn a_network_whose_products_are_integers_shows_its_layers() {
    for method in ["minmax", "percentile", "mse"] {
        let scheme = format!("scheme: int8-products, method: {method}");
        let ended = evaluated(&[("scheme: int8", &scheme)]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(
            ended.stdout.contains("  quantised   99.00 %  (99 right)\n"),
            "{}",
            ended.stdout
        );
        let layers: Vec<&str> = ended.stdout.lines().filter(|line| line.contains(" dB  ")).collect();
        // Convolutions hand their sums on as codes of what comes after them.
        assert_eq!(layers.len(), 5, "{}", ended.stdout);
        // The worst layer is named, and is the first of the list.
        let name = layers[0].rsplit(' ').next().expect("a name");
        let said = format!("  the worst layer is `{name}`, at ");
        let last = ended.stdout.lines().last().expect("a line");
        assert!(last.starts_with(&said), "{}", ended.stdout);
    }
}

#[test]
fn what_cannot_be_evaluated_is_said() {
    let float = evaluated(&[("  quantize: {", "  # {")]);
    assert_eq!(
        (float.code, &float.stderr[..]),
        (
            2,
            "error: the spec's model is not quantised: there is nothing to compare\n  help: write `quantize` under `model`\n"
        )
    );
    let method = evaluated(&[("scheme: int8", "scheme: int8, method: mse")]);
    assert_eq!(method.code, 2);
    assert!(
        method.stderr.contains("the scheme `int8` takes no ranges by `mse`"),
        "{}",
        method.stderr
    );
}
