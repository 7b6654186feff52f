"""The parts: comparison, samples, names, specs, calls of opml-run."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
from context import EXPORTS, stand_in

from opml_export.compare import compare
from opml_export.errors import ExportError, UserError, need, one_line
from opml_export.exported import Exported, check_count, flatten
from opml_export.opml_run import OpmlRun
from opml_export.sample import from_shape, read_npy, stored, usable
from opml_export.source import kind_of, name_of
from opml_export.spec import plain_name, spec_text


class Comparisons(unittest.TestCase):
    def test_within_and_outside(self):
        expected = np.array([[1.0, 100.0], [0.0, -2.0]], dtype=np.float32)
        near = compare([1.0005, 100.05, 5e-6, -2.0], expected)
        self.assertTrue(near.agrees, near)
        self.assertAlmostEqual(near.largest, 0.05)
        self.assertEqual((near.place, near.outside, near.elements), (1, 0, 4))
        far = compare([1.0005, 100.05, 2e-5, -2.1], expected)
        self.assertFalse(far.agrees)
        self.assertEqual((far.place, far.outside), (3, 2))
        self.assertIn("largest difference 0.1 (element 3 of 4)", str(far))
        self.assertTrue(compare([1.0005, 100.05, 2e-5, -2.1], expected, rtol=0.1, atol=1e-4).agrees)

    def test_another_number_of_elements(self):
        comparison = compare([1.0, 2.0], np.ones(3))
        self.assertFalse(comparison.agrees)
        self.assertEqual(str(comparison), "the converted model gives 2 numbers, the framework 3")

    def test_numbers_that_are_not_finite(self):
        self.assertTrue(compare([None, None, 1.0], np.array([np.nan, np.inf, 1.0])).agrees)
        for actual, expected in ((None, 1.0), (1.0, np.nan), (1.0, -np.inf)):
            comparison = compare([actual, 0.0], np.array([expected, 0.0]))
            self.assertFalse(comparison.agrees, (actual, expected))
            self.assertEqual((comparison.largest, comparison.place, comparison.outside), (np.inf, 0, 1))


class Samples(unittest.TestCase):
    def test_shapes_with_a_seed(self):
        sample = from_shape("1,3,4", seed=7)
        self.assertEqual((sample.shape, sample.dtype), ((1, 3, 4), np.float32))
        np.testing.assert_array_equal(sample, from_shape("1x3x4:float32", seed=7))
        self.assertFalse(np.array_equal(sample, from_shape("1,3,4", seed=8)))
        self.assertFalse(np.array_equal(sample, from_shape("1,3,4", seed=7, place=1)))
        numbers = from_shape("500:int64")
        self.assertEqual((numbers.dtype, numbers.min(), numbers.max()), (np.int64, 0, 9))
        self.assertEqual(from_shape("9:bool").dtype, np.bool_)

    def test_what_is_not_a_shape(self):
        for text in ("", "1,", "0", "-1,2", "1,2:text", "1,2:float64", "1.5"):
            with self.assertRaises(UserError, msg=text):
                from_shape(text)

    def test_types_as_they_are_read_and_stored(self):
        for given, used, kept in (
            ("float64", "float32", "float32"), ("float16", "float32", "float32"), ("int64", "int64", "int64"),
            ("uint8", "uint8", "int32"), ("int8", "int8", "int32"), ("bool", "bool", "int32"),
        ):  # fmt: skip
            sample = usable(np.ones((2, 3), dtype=given, order="F"), "it")
            self.assertEqual((sample.dtype, stored(sample).dtype), (used, kept))
            self.assertTrue(sample.flags.c_contiguous)

    def test_what_is_no_sample(self):
        for array in (np.ones(2, dtype=complex), np.array(["a"]), np.zeros((0, 3))):
            with self.assertRaises(UserError):
                usable(array, "it")
        with tempfile.TemporaryDirectory() as folder:
            several = Path(folder, "several.npz")
            np.savez(several, a=np.ones(1), b=np.ones(1))
            objects = Path(folder, "objects.npy")
            np.save(objects, np.array([{}]), allow_pickle=True)
            for path in (several, objects):
                with self.assertRaises(UserError):
                    read_npy(path)


class Names(unittest.TestCase):
    def test_outputs_are_named_by_their_place(self):
        def names(value):
            return list(flatten(value, lambda part: isinstance(part, int)).items())

        self.assertEqual(names(1), [("output", 1)])
        self.assertEqual(names([1]), [("output", 1)])
        self.assertEqual(names((1, None, 2)), [("output_0", 1), ("output_2", 2)])
        self.assertEqual(names({"b": 1, "a": (2, {"c": 3})}), [("b", 1), ("a_0", 2), ("a_1_c", 3)])
        for wrong in ("text", {"a_0": 1, "a": (2, 3)}):
            with self.assertRaises(ExportError):
                names(wrong)

    def test_one_output_is_chosen(self):
        outputs = {"first": np.ones(1), "second": np.zeros(2)}
        exported = Exported(Path("net.onnx"), {}, outputs, "")
        self.assertEqual(exported.output(None)[0], "first")
        self.assertEqual(exported.output("second")[0], "second")
        with self.assertRaises(UserError) as raised:
            exported.output("third")
        self.assertIn("first, second", raised.exception.help)

    def test_inputs_are_counted(self):
        with self.assertRaises(UserError) as raised:
            check_count(1, ["ids", "mask"])
        self.assertIn("2 inputs (ids, mask)", str(raised.exception))

    def test_sources_and_names(self):
        self.assertEqual(kind_of("nets.vision:small.net"), "module")
        self.assertEqual(name_of("nets.vision:small.net"), "small.net")
        self.assertEqual(name_of(EXPORTS / "torch_mlp.onnx"), "torch_mlp")
        self.assertEqual(name_of(Exported), "type")
        self.assertEqual([plain_name(text) for text in ("a b/ü", "..", "net-1.0")], ["a_b", "model", "net-1.0"])

    def test_texts_of_a_spec_are_quoted(self):
        text = spec_text("my net", "a: b.onnx", {"x:0": (1, 2), "y": ()}, 'the "one"', ["a.npy", "b.npy"])
        for line in (
            'name: "my_net"', 'source: "a: b.onnx"', 'shapes: { "x:0": [1, 2], "y": [] }',
            'outputs: ["the \\"one\\""]', 'input: ["a.npy", "b.npy"]',
        ):  # fmt: skip
            self.assertIn(line, text)


class Failures(unittest.TestCase):
    def test_a_package_that_is_there_and_one_that_is_not(self):
        self.assertIs(need("numpy", "numpy"), np)
        with self.assertRaises(UserError) as raised:
            need("no_such_package.inner", "no-such-package")
        self.assertEqual(raised.exception.help, "pip install no-such-package")

    def test_errors_on_one_line(self):
        error = RuntimeError("outer")
        error.__cause__ = ValueError("\x1b[96mfirst\x1b[0m\n  second " + "x" * 500)
        self.assertTrue(one_line(error).startswith("ValueError: first second xxx"))
        self.assertTrue(one_line(error, most=20).endswith("…"))

    def test_what_opml_run_says(self):
        with tempfile.TemporaryDirectory() as folder:
            program = OpmlRun(stand_in(Path(folder), "echo 'error: gas limit of x' >&2; exit 1"))
            with self.assertRaises(ExportError) as raised:
                program.convert(Path(folder, "a.yaml"), Path(folder, "a.opml"))
        self.assertEqual(str(raised.exception), "opml-run failed (1): gas limit of x")
        self.assertIn("--no-check", raised.exception.help)


if __name__ == "__main__":
    unittest.main()
