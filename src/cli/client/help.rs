//! Examples at the end of each `--help`.

pub(super) const CLIENT: &str = "\
Examples:
  cipherdeck client weight-stats 68.0 65.0 69.0
  cipherdeck client sleep-quality nights.json
  cipherdeck client ad-targeting --gender female --age 33 --country Canada --interest Art
  cipherdeck client --url http://10.0.0.5:8082 --json weight-stats --file weights.txt

The keys are made when they are first needed, and kept in the wallet.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.";

pub(super) const WEIGHT_STATS: &str = "\
Examples:
  cipherdeck client weight-stats 68.0 65.0 69.0 70.0 70.5
  cipherdeck client weight-stats --file weights.txt
  cut -d, -f2 scale.csv | cipherdeck client --json weight-stats --file -";

pub(super) const SLEEP_QUALITY: &str = "\
JSON:  {\"nights\": [[[stage, start, end], ...], ...]}, or [[stage, start, end], ...] for one night
CSV:   night,stage,start,end on each line
Stages are numbers or names: in_bed (0), asleep (1), awake (2), core (3), deep (4), rem (5).
Start and end are whole minutes on any one scale; 23:30 to 07:00 may be 1410 to 1860.
At most 31 nights, each of at most 128 records and 1023 minutes.

Examples:
  cipherdeck client sleep-quality nights.json
  echo '[[\"in_bed\", 0, 480], [\"asleep\", 10, 470]]' | cipherdeck client sleep-quality -";

pub(super) const AD_TARGETING: &str = "\
Examples:
  cipherdeck client ad-targeting --gender female --age 33 --country Canada --interest Art
  cipherdeck client ad-targeting --age 50 --kids --interest Travel --interest Food --top 10
  cipherdeck client --json ad-targeting --interest Tech --scores scores.txt";

pub(super) const KEYGEN: &str = "\
client.key is secret: it decrypts your answers. server.key is for the server: with it, it computes on
your encrypted data, but cannot decrypt it. Keys that are there already stay as they are.

Examples:
  cipherdeck client keygen
  cipherdeck client --wallet ./my-wallet keygen";

pub(super) const ENCRYPT: &str = "\
Example, the whole way with curl:
  cipherdeck client --wallet w keygen
  curl -F key=@w/server.key http://127.0.0.1:8082/add_key
  cipherdeck client --wallet w encrypt weight-stats 68.0 65.0 --out input.cdk
  curl -F uid=UID -F task_name=weight_stats -F encrypted_input=@input.cdk \\
    http://127.0.0.1:8082/start_task
  curl -o answer -G http://127.0.0.1:8082/get_task_result \\
    -d uid=UID -d task_name=weight_stats -d task_id=ID -d wait=60
  cipherdeck client --wallet w decrypt weight-stats answer";

pub(super) const DECRYPT: &str = "\
Examples:
  curl -o answer -G http://127.0.0.1:8082/get_task_result \\
    -d uid=UID -d task_name=weight_stats -d task_id=ID -d wait=60
  cipherdeck client decrypt weight-stats answer
  cipherdeck client decrypt sleep-quality scores.cdr
  cipherdeck client decrypt ad-targeting ads.cdr --top 10";

pub(super) const FORGET: &str = "\
Examples:
  cipherdeck client forget
  cipherdeck client --url http://10.0.0.5:8082 forget
  cipherdeck client forget --all --yes";
