"""Mistakes on the command line, each with its exit code and a word on what to do."""

import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from context import EXPORTS, command, stand_in

MLP_INPUT = EXPORTS / "torch_mlp.input.npy"


class Command(unittest.TestCase):
    """Needs neither opml-run nor a framework."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.program = stand_in(self.folder, "exit 3")
        self.output = self.folder / "net.opml"

    def failed(self, code, *arguments):
        """What it complains of, given that it exits with `code` and leaves no file."""
        before = sorted(self.folder.iterdir())
        got, _, err = command(*arguments)
        self.assertEqual(got, code, err)
        self.assertEqual(sorted(self.folder.iterdir()), before)
        return err

    def without(self, *packages):
        """As if these packages were not installed."""
        hidden = mock.patch.dict(sys.modules, {package: None for package in packages})
        hidden.start()
        self.addCleanup(hidden.stop)

    def usual(self, source):
        return [source, "--shape", "1,4", "--opml-run", self.program, "-o", self.output]

    def test_help_and_version(self):
        code, out, _ = command("--help")
        self.assertEqual(code, 0)
        for word in ("SavedModel", "--keep-onnx", "Exit codes:", "Examples:"):
            self.assertIn(word, out)
        code, out, _ = command("--version")
        self.assertEqual(code, 0)
        self.assertTrue(out.startswith("opml-export"), out)

    def test_no_source_or_an_unknown_option(self):
        self.assertIn("SOURCE", self.failed(2))
        self.assertIn("--shapes", self.failed(2, "nets:net", "--shapes", "1"))

    def test_unknown_sources(self):
        self.assertIn("there is no file none.pt2", self.failed(2, *self.usual("none.pt2")))
        self.assertIn("there is no file nets", self.failed(2, *self.usual("nets")))
        self.assertIn("is of no known kind", self.failed(2, *self.usual(MLP_INPUT)))
        self.assertIn("not a SavedModel", self.failed(2, *self.usual(self.folder)))

    def test_no_sample(self):
        err = self.failed(2, "nets:net", "--opml-run", self.program, "-o", self.output)
        self.assertIn("there is no sample input", err)
        self.assertIn("--input FILE.npy or --shape", err)

    def test_samples_that_cannot_be_read(self):
        self.assertIn("there is no file none.npy", self.failed(2, "nets:net", "--input", "none.npy"))
        self.assertIn("cannot be read", self.failed(2, "nets:net", "--input", Path(__file__)))
        self.assertIn("`1,a` is not a shape", self.failed(2, "nets:net", "--shape", "1,a"))
        self.assertIn("is negative", self.failed(2, "nets:net", "--shape", "1", "--seed", "-1"))

    def test_places_that_are_not_there(self):
        self.assertIn("must end in .opml", self.failed(2, *self.usual("nets:net"), "-o", "net.onnx"))
        nowhere = self.folder / "none" / "net.opml"
        self.assertIn("there is no folder", self.failed(2, *self.usual("nets:net"), "-o", nowhere))
        self.assertIn("there is no program", self.failed(2, *self.usual("nets:net"), "--opml-run", "/none/opml-run"))
        with mock.patch.dict(os.environ, {"PATH": "", "OPML_RUN": ""}):
            err = self.failed(2, "nets:net", "--shape", "1", "-o", self.output)
        self.assertIn("opml-run is not on the PATH", err)
        self.assertIn("cargo build", err)

    def test_pytorch_is_not_installed(self):
        self.without("torch")
        empty = self.folder / "net.pt2"
        empty.touch()
        for source in ("nets:net", empty):
            err = self.failed(2, *self.usual(source))
            self.assertIn("package torch is not installed", err)
            self.assertIn("pip install torch onnx onnxscript", err)

    def test_tensorflow_is_not_installed(self):
        self.without("tensorflow", "tf2onnx")
        saved = self.folder / "saved"
        saved.mkdir()
        files = [self.folder / "net.keras", self.folder / "net.tflite", saved / "saved_model.pb"]
        for file in files:
            file.touch()
        for source in (*files[:2], saved):
            err = self.failed(2, *self.usual(source))
            self.assertIn("package tensorflow is not installed", err)
            self.assertIn("pip install tensorflow-cpu tf2onnx", err)


if __name__ == "__main__":
    unittest.main()
