use opml_graph::Port;
use png::{BitDepth, ColorType, Decoder, Transformations};

use super::Numbers;

/// Reads a PNG for a port whose last two dimensions are height and width and the one before them, if any, the channels.
pub(crate) fn read(bytes: &[u8], port: &Port) -> Result<(Numbers, Vec<usize>), String> {
    let dims: Vec<usize> = port.shape.dims().iter().map(|dim| *dim as usize).collect();
    let [.., height, width] = dims[..] else {
        return Err(format!(
            "the model's input `{}` is {}, not a picture",
            port.name, port.shape
        ));
    };
    let channels = port.shape.elements() as usize / (height * width);
    let mut decoder = Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let size = reader.output_buffer_size().ok_or("the picture is too large")?;
    if size > 1 << 28 {
        return Err("the picture is too large".into());
    }
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(|error| error.to_string())?;
    debug_assert_eq!(frame.bit_depth, BitDepth::Eight);
    let samples = frame.color_type.samples();
    let (frame_height, frame_width) = (frame.height as usize, frame.width as usize);
    let pixels = &pixels[..frame.buffer_size()];
    let luminance = |pixel: &[u8]| match frame.color_type {
        ColorType::Grayscale | ColorType::GrayscaleAlpha => pixel[0],
        _ => ((299 * u32::from(pixel[0]) + 587 * u32::from(pixel[1]) + 114 * u32::from(pixel[2]) + 500) / 1000) as u8,
    };
    let channel = |pixel: &[u8], channel: usize| if samples >= 3 { pixel[channel] } else { pixel[0] };
    let planar: Vec<u8> = match channels {
        1 => pixels.chunks_exact(samples).map(luminance).collect(),
        3 => (0..3)
            .flat_map(|plane| pixels.chunks_exact(samples).map(move |pixel| channel(pixel, plane)))
            .collect(),
        other => {
            return Err(format!(
                "a picture has 1 or 3 channels, the model's input `{}` has {other}",
                port.name
            ));
        }
    };
    Ok((Numbers::Samples(planar), vec![channels, frame_height, frame_width]))
}
