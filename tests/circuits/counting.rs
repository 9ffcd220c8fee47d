use std::{process::Command, sync::Arc};

use cipherdeck::{
    fhe::{ClientKeys, Context, ServerKey, circuit::Plan},
    use_cases::{UseCase, weight_stats},
};

const ALONE: &str = "CIPHERDECK_TEST_ALONE";
const NAME: &str = "circuits::counting::a_kernel_counts_exactly_the_bootstraps_that_tfhe_counts";

/// tfhe's counter is one for the process, so the kernel must be alone in its own: this program, started once more.
#[test]
fn a_kernel_counts_exactly_the_bootstraps_that_tfhe_counts() {
    if std::env::var_os(ALONE).is_none() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output = command.args(["--exact", NAME, "--nocapture"]).env(ALONE, "1").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let keys = ClientKeys::generate();
    let server = ServerKey::from_compressed(&keys.compressed_server_key()).unwrap();
    let input = weight_stats::encrypt(&keys, &[680, 650, 690]).unwrap();
    let context = Context::new(Arc::new(rayon::ThreadPoolBuilder::new().build().unwrap()));
    let before = tfhe::get_pbs_count();
    weight_stats::WeightStats.run(Some(&server), &input, &context).unwrap();
    let counted = tfhe::get_pbs_count() - before;
    assert_eq!(context.bootstraps(), counted);
    assert_eq!(Plan::of(&weight_stats::circuit::circuit(3)).bootstraps, counted);
}
