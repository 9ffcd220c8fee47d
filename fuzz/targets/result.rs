#![no_main]

cipherdeck_fuzz::fuzz!("result");
