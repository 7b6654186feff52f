use opml_graph::{Constant, ConvertError, Model, Node, Port, append_outputs, usual_block_log2};
use opml_ops::{BinaryFunction, DType, MAX_INPUTS, Operator, Record, Shape, Source, UnaryFunction, Value};

pub(crate) const KIND: &str = "logistic_regression";

/// Weights of a score for each class; with one row, of a score for the second of two classes.
#[derive(serde::Deserialize)]
pub struct Regression {
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
    classes: Vec<serde_json::Value>,
}

/// The user's mistake, at a path of keys, and what to do about it.
pub(crate) fn refused(place: &str, message: impl ToString, help: &str) -> ConvertError {
    ConvertError {
        code: 2,
        message: message.to_string(),
        place: place.into(),
        help: help.into(),
    }
}

impl Regression {
    /// Reads what `train.py` writes and checks what it says.
    pub fn parse(text: &str) -> Result<Regression, ConvertError> {
        let wrong = |error| refused("", error, "write the file as `train.py` does");
        let json: serde_json::Value = serde_json::from_str(text).map_err(wrong)?;
        if json["kind"] != KIND {
            let message = format!("{} cannot be converted, only \"{KIND}\" can", json["kind"]);
            return Err(refused("kind", message, "train a LogisticRegression"));
        }
        let regression: Regression = serde_json::from_value(json).map_err(wrong)?;
        let (rows, features) = (regression.coefficients.len(), regression.features());
        let row = |(index, row)| (format!("coefficients[{index}]"), row, features);
        let coefficients = regression.coefficients.iter().enumerate().map(row);
        for (place, numbers, length) in coefficients.chain([("intercepts".into(), &regression.intercepts, rows)]) {
            if numbers.len() != length {
                let message = format!("there are {} numbers instead of {length}", numbers.len());
                let help = "a row has a number for each feature; each row has an intercept";
                return Err(refused(&place, message, help));
            }
            if let Some(number) = numbers.iter().find(|number| !(**number as f32).is_finite()) {
                let message = format!("{number:e} is not finite in 32 bits");
                return Err(refused(&place, message, "scale the features and train again"));
            }
        }
        if regression.classes.len() != rows.max(2) {
            let message = format!("{} classes do not go with {rows} rows", regression.classes.len());
            return Err(refused(
                "classes",
                message,
                "two classes share a row, more have one each",
            ));
        }
        Ok(regression)
    }

    fn features(&self) -> usize {
        self.coefficients.first().map_or(0, Vec::len)
    }

    /// The probabilities for little-endian f32 features, computed in 64 bits as scikit-learn does.
    pub fn probabilities(&self, input: &[u8]) -> Result<Vec<f32>, ConvertError> {
        let x = input
            .as_chunks()
            .0
            .iter()
            .map(|bytes| f64::from(f32::from_le_bytes(*bytes)));
        if x.len() != self.features() {
            let message = format!("there are {} features instead of {}", x.len(), self.features());
            return Err(refused("input", message, ""));
        }
        let product = |row: &Vec<f64>| row.iter().zip(x.clone()).map(|(w, x)| w * x).sum::<f64>();
        let scores = self.coefficients.iter().zip(&self.intercepts);
        let scores: Vec<f64> = scores.map(|(row, intercept)| product(row) + intercept).collect();
        if let [score] = scores[..] {
            return Ok(vec![(1.0 / (1.0 + (-score).exp())) as f32]);
        }
        let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let terms = scores.iter().map(|score| (score - greatest).exp());
        let sum: f64 = terms.clone().sum();
        Ok(terms.map(|term| (term / sum) as f32).collect())
    }

    /// The model: scores = x · weights + intercepts, and the probabilities that follow.
    pub fn model(&self) -> Result<Model, ConvertError> {
        let wrong = |error| refused("coefficients", error, "");
        let (rows, features) = (self.coefficients.len(), self.features());
        let columns = (0..features).flat_map(|feature| self.coefficients.iter().map(move |row| row[feature]));
        let (operator, attribute) = match rows {
            1 => (Operator::Unary, UnaryFunction::Sigmoid as u32),
            _ => (Operator::Softmax, 1), // along axis 1
        };
        let nodes: [(_, _, _, Vec<f64>); 3] = [
            ("products", Operator::MatMulF32, 0, columns.collect()),
            (
                "scores",
                Operator::Binary,
                BinaryFunction::Add as u32,
                self.intercepts.clone(),
            ),
            ("probabilities", operator, attribute, vec![]),
        ];
        let mut last = value(Source::Feed, 0, 1, features)?;
        let mut model = Model {
            name: KIND.into(),
            nodes: vec![],
            carry: vec![],
            feed: vec![port("features", last)],
            outputs: vec![],
            output_height: 0,
            output_index: 0,
            constants: vec![],
        };
        for (index, (name, operator, attribute, numbers)) in nodes.into_iter().enumerate() {
            let output = value(Source::Local, index, 1, rows)?;
            let mut record = Record::new(
                operator as u32,
                Value {
                    source: None,
                    index: 0,
                    ..output
                },
            );
            record.set_attribute(0, attribute);
            record.push_input(last);
            let mut constants = [None; MAX_INPUTS];
            if !numbers.is_empty() {
                record.push_input(value(Source::Constant, 0, numbers.len() / rows, rows)?);
                constants[1] = Some(constant(&mut model, &numbers));
            }
            record.set_scratch_bytes(opml_ops::scratch_of(&record).map_err(wrong)? as u32);
            record.set_block_log2(usual_block_log2(output.bytes()));
            opml_ops::admit(&record).map_err(wrong)?;
            model.nodes.push(Node {
                name: name.into(),
                record,
                constants,
            });
            last = output;
        }
        append_outputs(&mut model, vec![(last, port("probabilities", last))]);
        Ok(model)
    }
}

fn value(source: Source, index: usize, rows: usize, columns: usize) -> Result<Value, ConvertError> {
    let shape = Shape::new(&[rows as u32, columns as u32]).map_err(|error| refused("coefficients", error, ""))?;
    Ok(Value {
        source: Some(source),
        index: index as u32,
        dtype: DType::F32,
        shape,
    })
}

fn port(name: &str, Value { dtype, shape, .. }: Value) -> Port {
    Port {
        name: name.into(),
        dtype,
        shape,
        quantization: None,
    }
}

/// Which constant of the model these numbers are; each content is there once.
fn constant(model: &mut Model, numbers: &[f64]) -> usize {
    let bytes = numbers.iter().flat_map(|number| (*number as f32).to_le_bytes());
    let constant = Constant::new(bytes.collect());
    let known = model.constants.iter().position(|known| known.root == constant.root);
    known.unwrap_or_else(|| {
        model.constants.push(constant);
        model.constants.len() - 1
    })
}
