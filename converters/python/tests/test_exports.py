"""Exports that frameworks made once are converted and checked against the outputs that the frameworks gave then."""

import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
from context import EXPORTS, command, opml_run

from opml_export.exported import Exported
from opml_export.pipeline import Files, check, convert

NAMES = ("torch_mlp", "torch_conv", "keras_conv")


class Exports(unittest.TestCase):
    """Needs opml-run."""

    def setUp(self):
        self.program = opml_run()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def stored(self, name, part):
        return np.load(EXPORTS / f"{name}.{part}.npy")

    def exported(self, name):
        """What the framework's exporter gave."""
        outputs = {"output": self.stored(name, "output")}
        return Exported(EXPORTS / f"{name}.onnx", {"input": self.stored(name, "input")}, outputs, "a stored export")

    def converted(self, name):
        files = Files(self.folder, name)
        shutil.copy(EXPORTS / f"{name}.onnx", self.folder)
        inputs, expected = {"input": self.stored(name, "input")}, self.stored(name, "output")
        line = convert(files, inputs, "output", expected, self.program)
        self.assertTrue(line.startswith(f"{name}.opml: "), line)
        return files, expected

    def test_the_converted_model_gives_the_frameworks_output(self):
        for name in NAMES:
            with self.subTest(name):
                files, expected = self.converted(name)
                comparison = check(files, expected, self.program)
                self.assertTrue(comparison.agrees, comparison)
                self.assertEqual(comparison.elements, expected.size)
                self.assertLess(comparison.largest, 1e-6)

    def test_the_spec_and_the_arrays_are_the_stored_ones(self):
        for name in NAMES:
            with self.subTest(name):
                self.converted(name)
                for ending in ("yaml", "input.npy", "output.npy"):
                    file = f"{name}.{ending}"
                    self.assertEqual((self.folder / file).read_bytes(), (EXPORTS / file).read_bytes(), file)

    def test_a_wrong_output_is_noticed(self):
        files, expected = self.converted("torch_conv")
        expected[0, 3] += 0.01
        comparison = check(files, expected, self.program)
        self.assertFalse(comparison.agrees)
        self.assertEqual((comparison.outside, comparison.place), (1, 3))
        self.assertAlmostEqual(comparison.largest, 0.01, places=5)

    def command(self, exported, *arguments):
        """The command line, with `exported` in the place of what a framework would export."""

        def export_onnx(source, sample, onnx_file):
            shutil.copy(exported.onnx_file, onnx_file)
            return Exported(onnx_file, exported.inputs, exported.outputs, exported.how)

        common = ["nets:net", "--input", EXPORTS / "torch_mlp.input.npy", "--opml-run", self.program.path]
        common += ["--output", self.folder / "net.opml"]
        with mock.patch("opml_export.pipeline.export_onnx", export_onnx):
            return command(*common, *arguments)

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_the_command_leaves_the_model_and_its_sample(self):
        code, out, err = self.command(self.exported("torch_mlp"))
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"checked +largest difference \S+ \(element \d+ of 20\)")
        self.assertEqual(self.files(), ["net.input.npy", "net.opml", "net.output.npy"])

    def test_the_command_keeps_onnx_and_spec_when_asked(self):
        code, out, _ = self.command(self.exported("torch_mlp"), "--keep-onnx", "--quiet")
        self.assertEqual((code, out), (0, ""))
        self.assertEqual(self.files(), ["net.input.npy", "net.onnx", "net.opml", "net.output.npy", "net.yaml"])
        values = self.program.output(self.folder / "net.yaml", self.folder / "again.opml")
        np.testing.assert_allclose(values, self.stored("torch_mlp", "output").ravel(), rtol=1e-3, atol=1e-5)

    def test_an_output_that_differs_is_exit_code_1(self):
        exported = self.exported("torch_mlp")
        exported.outputs["output"][1, 2] *= -1
        code, _, err = self.command(exported)
        self.assertEqual(code, 1)
        self.assertIn("does not give the framework's output", err)
        self.assertIn("(element 12 of 20)", err)
        self.assertIn("1 elements lie outside", err)

    def test_what_opml_run_refuses_is_passed_on(self):
        exported = self.exported("torch_mlp")
        exported.outputs["other"] = exported.outputs["output"]
        code, _, err = self.command(exported, "--output-name", "other", "--keep-onnx")
        self.assertEqual(code, 1)
        self.assertIn("opml-run failed (2): ", err)
        self.assertEqual(self.files(), ["net.onnx", "net.yaml"])


if __name__ == "__main__":
    unittest.main()
