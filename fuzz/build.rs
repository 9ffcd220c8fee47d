//! Links the libFuzzer that `fuzz/run` has compiled; with the feature `libfuzzer`, libfuzzer-sys brings its own.

fn main() {
    println!("cargo::rerun-if-env-changed=LIBFUZZER_DIR");
    if let (Ok(dir), None) = (std::env::var("LIBFUZZER_DIR"), std::env::var_os("CARGO_FEATURE_LIBFUZZER")) {
        println!("cargo::rustc-link-search=native={dir}");
        println!("cargo::rustc-link-lib=static=fuzzer");
        println!("cargo::rustc-link-lib=stdc++");
    }
}
