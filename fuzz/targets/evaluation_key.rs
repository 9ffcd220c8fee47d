#![no_main]

cipherdeck_fuzz::fuzz!("evaluation_key");
