//! Blobs in a bucket that speaks S3. Who we are and where the bucket is come from the usual variables: `AWS_REGION`,
//! `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` (or a role of the machine), for other services than Amazon's also
//! `AWS_ENDPOINT_URL`, and `AWS_ALLOW_HTTP=true` where that is clear text.
//!
//! What is missing or corrupt is told by the references, as in a directory. An upload that a crash cut short is invisible
//! and costs storage: let a lifecycle rule of the bucket abort incomplete multipart uploads after a day.

use std::{sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ObjectStore, RetryConfig, aws::AmazonS3Builder, path::Path as ObjectPath, prefix::PrefixStore,
};

use super::{BlobError, Result};

/// The smallest part that S3 takes, the last one excepted.
pub(super) const PART_BYTES: usize = 5 << 20;

/// A service that does not answer is tried for so long: a request that waits for it must be answered in time.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn open(url: &str) -> Result<Arc<dyn ObjectStore>> {
    crate::tls::install();
    let wrong = |problem: &str| BlobError::Io(format!("blobs.url: {problem}; expected is s3://bucket/prefix"));
    let place = url.strip_prefix("s3://").ok_or_else(|| wrong("not the address of a bucket"))?;
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    if bucket.is_empty() {
        return Err(wrong("the bucket's name is missing"));
    }
    let prefix = ObjectPath::parse(prefix).map_err(|_| wrong("not a prefix of names"))?;
    let retry = RetryConfig { max_retries: 5, retry_timeout: PATIENCE, backoff: BackoffConfig::default() };
    let bucket = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry).build();
    let bucket = bucket.map_err(|error| BlobError::from_store(&error, "the bucket"))?;
    Ok(Arc::new(PrefixStore::new(bucket, prefix)))
}
