//! A converter plugin: a logistic regression of scikit-learn, stored as JSON, becomes a model of three operators.

use opml_graph::{Constant, ConvertError, Converter, Host, Model, Node, Port, append_outputs, write_model};
use opml_ops::{BinaryFunction, DType, MAX_INPUTS, Operator, Record, Shape, Source, UnaryFunction, Value};
use std::{io::Write, path::Path};

opml_plugin_export::plugin! {
    name: "sklearn",
    description: "The converter of logistic regressions of scikit-learn",
    converters: [Sklearn],
}

const KIND: &str = "logistic_regression";
type Result<T> = std::result::Result<T, ConvertError>;

/// Makes models of logistic regressions. It takes no options.
pub struct Sklearn;

impl Converter for Sklearn {
    fn name(&self) -> &str {
        "sklearn"
    }

    fn accepts(&self, head: &[u8], name: &str) -> bool {
        name.ends_with(".json") && head.windows(KIND.len()).any(|part| part == KIND.as_bytes())
    }

    fn convert(&self, source: &Path, options: &str, out: &mut dyn Write, _: &dyn Host) -> Result<()> {
        let file = write_model(&read(source, options)?.model()?).map_err(|error| failed(2, "", error, ""))?;
        out.write_all(&file).map_err(|error| failed(1, "", error, ""))
    }

    fn reference(&self, source: &Path, options: &str, inputs: &[&[u8]], _: &dyn Host) -> Result<Vec<Vec<u8>>> {
        Ok(vec![read(source, options)?.probabilities(&inputs.concat())?])
    }
}

fn failed(code: u32, place: &str, message: impl ToString, help: &str) -> ConvertError {
    ConvertError {
        code,
        message: message.to_string(),
        place: place.into(),
        help: help.into(),
    }
}

fn check(holds: bool, place: &str, message: impl ToString, help: &str) -> Result<()> {
    holds.then_some(()).ok_or_else(|| failed(2, place, message, help))
}

/// A row of coefficients and an intercept for each class; two classes may share one, which is the second's.
#[derive(serde::Deserialize)]
struct Regression {
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
}

fn read(source: &Path, options: &str) -> Result<Regression> {
    check(options == "{}", "model", "a regression takes no options", "")?;
    let text = std::fs::read(source).map_err(|error| failed(2, "", format!("cannot be read: {error}"), ""))?;
    let wrong = |error| failed(2, "", error, "write the file as `train.py` does");
    let json: serde_json::Value = serde_json::from_slice(&text).map_err(wrong)?;
    let message = format!("{} cannot be converted, only \"{KIND}\" can", json["kind"]);
    check(json["kind"] == KIND, "kind", message, "train a LogisticRegression")?;
    let read: Regression = serde_json::from_value(json).map_err(wrong)?;
    let features = read.coefficients.first().map_or(0, Vec::len);
    check(features > 0, "coefficients", "there are none", "train the model first")?;
    let rows = read.coefficients.iter().enumerate();
    let rows = rows.map(|(index, row)| (format!("coefficients[{index}]"), row, features));
    for (place, numbers, length) in rows.chain([("intercepts".into(), &read.intercepts, read.coefficients.len())]) {
        let message = format!("there are {} numbers instead of {length}", numbers.len());
        check(numbers.len() == length, &place, message, "train the model again")?;
        let finite = numbers.iter().all(|number| (*number as f32).is_finite());
        check(finite, &place, "not all are finite in 32 bits", "scale the features")?;
    }
    Ok(read)
}

impl Regression {
    /// scikit-learn's probabilities, in 64 bits: e^score's share of all; a class without a row has the score 0.
    fn probabilities(&self, input: &[u8]) -> Result<Vec<u8>> {
        let x = input.as_chunks().0.iter().map(|x| f64::from(f32::from_le_bytes(*x)));
        check(x.len() == self.coefficients[0].len(), "input", "has another size", "")?;
        let score = |(row, b): (&Vec<f64>, &f64)| row.iter().zip(x.clone()).fold(*b, |sum, (w, x)| sum + w * x);
        let scores: Vec<f64> = self.coefficients.iter().zip(&self.intercepts).map(score).collect();
        let all = || scores.iter().chain((scores.len() == 1).then_some(&0.0));
        let share = |own: &f64| 1.0 / all().map(|score| (score - own).exp()).sum::<f64>();
        Ok(scores.iter().flat_map(|s| (share(s) as f32).to_le_bytes()).collect())
    }

    /// The model: scores = x · weights + intercepts, and the probabilities that follow.
    fn model(self) -> Result<Model> {
        let wrong = |error| failed(2, "coefficients", error, "");
        let shape = |rows: usize, columns: usize| Shape::new(&[rows as u32, columns as u32]).map_err(wrong);
        let value = |source, index, shape| Value {
            source,
            index,
            dtype: DType::F32,
            shape,
        };
        let port = |name: &str, shape| Port {
            name: name.into(),
            dtype: DType::F32,
            shape,
            quantization: None,
        };
        let constant = |row: Vec<f64>| Constant::new(row.iter().flat_map(|x| (*x as f32).to_le_bytes()).collect());
        let (rows, features) = (self.coefficients.len(), self.coefficients[0].len());
        let (input, output) = (shape(1, features)?, shape(1, rows)?);
        let weights = (0..features).flat_map(|feature| self.coefficients.iter().map(move |row| row[feature]));
        let mut model = Model {
            name: KIND.into(),
            nodes: vec![],
            carry: vec![],
            feed: vec![port("features", input)],
            outputs: vec![],
            output_height: 0,
            output_index: 0,
            constants: vec![constant(weights.collect()), constant(self.intercepts)],
        };
        let finish = if rows == 1 { Operator::Unary } else { Operator::Softmax };
        let function_or_axis = if rows == 1 { UnaryFunction::Sigmoid as u32 } else { 1 };
        let nodes = [
            ("products", Operator::MatMulF32, 0, features),
            ("scores", Operator::Binary, BinaryFunction::Add as u32, 1),
            ("probabilities", finish, function_or_axis, 0),
        ];
        let mut last = value(Some(Source::Feed), 0, input);
        for (index, (name, operator, attribute, height)) in nodes.into_iter().enumerate() {
            let mut record = Record::new(operator as u32, value(None, 0, output));
            let mut constants = [None; MAX_INPUTS];
            record.push_input(last);
            if height > 0 {
                record.push_input(value(Some(Source::Constant), 0, shape(height, rows)?));
                constants[1] = Some(index);
            }
            record.set_attribute(0, attribute);
            record.set_scratch_bytes(opml_ops::scratch_of(&record).unwrap_or(0) as u32);
            record.set_block_log2(opml_graph::usual_block_log2(record.output_bytes()));
            model.nodes.push(Node {
                name: name.into(),
                record,
                constants,
            });
            last = value(Some(Source::Local), index as u32, output);
        }
        append_outputs(&mut model, vec![(last, port("probabilities", output))]);
        Ok(model)
    }
}
