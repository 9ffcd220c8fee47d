#![no_main]

cipherdeck_fuzz::fuzz!("input");
