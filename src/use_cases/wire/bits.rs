//! Bit packing: values of q bits one after the other, least significant bit first, filled up with zero bits.

use super::PayloadError;

/// Bytes that `count` values of `bits` bits take, filled up to a multiple of `align` bytes; none if that is no number.
pub fn packed_bytes(count: usize, bits: u32, align: usize) -> Option<usize> {
    count.checked_mul(bits as usize)?.div_ceil(8).checked_next_multiple_of(align)
}

/// Appends `values`, of which only the low `bits` bits (1..=32) count, then zero bits up to a multiple of `align` bytes
/// counted from the first value.
pub fn pack(document: &mut Vec<u8>, values: impl IntoIterator<Item = u32>, bits: u32, align: usize) {
    debug_assert!((1..=32).contains(&bits));
    let begin = document.len();
    let (mut window, mut filled) = (0_u64, 0);
    for value in values {
        window |= (u64::from(value) & mask(bits)) << filled;
        filled += bits;
        while filled >= 8 {
            document.push(window as u8);
            window >>= 8;
            filled -= 8;
        }
    }
    if filled > 0 {
        document.push(window as u8);
    }
    let length = (document.len() - begin).next_multiple_of(align.max(1));
    document.resize(begin + length, 0);
}

/// The first `count` values of `bits` bits (1..=32) in `packed`, whose length must be [`packed_bytes`] for `align`, with
/// zero bits after the last value.
///
/// # Errors
/// [`PayloadError`].
pub fn unpack(packed: &[u8], count: usize, bits: u32, align: usize) -> Result<Vec<u32>, PayloadError> {
    debug_assert!((1..=32).contains(&bits));
    if packed_bytes(count, bits, align) != Some(packed.len()) {
        return Err(PayloadError(format!("{count} values of {bits} bits do not fill {} bytes", packed.len())));
    }
    let mut values = Vec::with_capacity(count);
    let (mut window, mut filled) = (0_u64, 0);
    let mut bytes = packed.iter();
    while values.len() < count {
        while filled < bits {
            window |= u64::from(bytes.next().copied().unwrap_or(0)) << filled;
            filled += 8;
        }
        values.push((window & mask(bits)) as u32);
        window >>= bits;
        filled -= bits;
    }
    if window != 0 || bytes.any(|byte| *byte != 0) {
        return Err(PayloadError("the bits after the last packed value must be zero".to_owned()));
    }
    Ok(values)
}

fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_values_come_back_for_every_width_and_count() {
        for bits in 1..=32 {
            for count in 0..40 {
                for align in [1, 8] {
                    let values: Vec<u32> = (0..count as u32)
                        .map(|i| (u64::from(i.wrapping_mul(2_654_435_761)) & mask(bits)) as u32)
                        .collect();
                    let mut packed = vec![0xAA];
                    pack(&mut packed, values.iter().copied(), bits, align);
                    assert_eq!(packed.len() - 1, packed_bytes(count, bits, align).unwrap());
                    assert_eq!(unpack(&packed[1..], count, bits, align).unwrap(), values, "{bits} bits, {count}");
                }
            }
        }
    }

    #[test]
    fn packing_is_least_significant_bit_first() {
        let mut packed = Vec::new();
        pack(&mut packed, [0xABC, 0x123], 12, 8);
        assert_eq!(packed, [0xBC, 0x3A, 0x12, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn unpacking_refuses_other_lengths_and_bits_after_the_end() {
        let mut packed = Vec::new();
        pack(&mut packed, [7, 7, 7], 3, 1);
        assert_eq!(packed.len(), 2);
        assert!(unpack(&packed, 3, 3, 8).is_err());
        assert!(unpack(&packed, 6, 3, 1).is_err());
        assert!(unpack(&packed, usize::MAX, 3, 1).is_err());
        packed[1] |= 0x80;
        assert!(unpack(&packed, 3, 3, 1).is_err());
    }
}
