use opml_graph::Port;

use crate::inference::greatest;

/// Numbers that are shown of a long output.
const SHOWN: usize = 8;

/// What an output says, in a few words: the class that a row of numbers names, the classes of several rows, or the first numbers.
pub(crate) fn described(values: &[f64], port: &Port) -> String {
    let dims = port.shape.dims();
    let rows_of_classes = matches!(dims, [_, classes] if *classes > 1) && port.quantization.is_some();
    if rows_of_classes {
        let classes = dims[1] as usize;
        let classes: Vec<String> = values
            .chunks(classes)
            .map(|row| greatest(row).to_string())
            .take(SHOWN + 1)
            .collect();
        return match &classes[..] {
            [only] => format!("class {only}"),
            several if several.len() > SHOWN => format!("classes {}, …", several[..SHOWN].join(", ")),
            several => format!("classes {}", several.join(", ")),
        };
    }
    let shown: Vec<String> = values.iter().take(SHOWN).map(f64::to_string).collect();
    let more = if values.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use opml_graph::Quantization;
    use opml_ops::{DType, Shape};

    use super::*;

    fn port(dims: &[u32], real: bool) -> Port {
        Port {
            name: "y".into(),
            dtype: DType::I8,
            shape: Shape::new(dims).expect("a shape"),
            quantization: real.then_some(Quantization {
                scale: 0.5,
                zero_point: 0,
            }),
        }
    }

    #[test]
    fn classes_and_numbers() {
        assert_eq!(described(&[1.0, 3.0, 2.0], &port(&[1, 3], true)), "class 1");
        assert_eq!(described(&[1.0, 3.0, 9.0, 2.0], &port(&[2, 2], true)), "classes 1, 0");
        assert_eq!(
            described(&[0.0; 18], &port(&[9, 2], true)),
            "classes 0, 0, 0, 0, 0, 0, 0, 0, …"
        );
        assert_eq!(described(&[1.0, 2.5], &port(&[1, 2], false)), "1, 2.5");
        assert_eq!(described(&[7.0; 9], &port(&[9], true)), "7, 7, 7, 7, 7, 7, 7, 7, …");
    }
}
