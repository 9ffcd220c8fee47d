//! Where blobs are kept, as a setting: nothing, a directory, or a bucket.

use std::path::Path;

use super::{ConfigError, without_password};

pub(super) fn check(url: &str) -> Result<(), ConfigError> {
    let bucket = url.strip_prefix("s3://").map(|place| place.split('/').next().unwrap_or_default());
    let good = match bucket {
        Some(bucket) => {
            !bucket.is_empty() && bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        }
        None => url.is_empty() || Path::new(url).is_absolute(),
    };
    let wrong = |allowed: &str| {
        let value = crate::text::sanitise(&without_password(url), 200);
        Err(ConfigError::Value { name: "blobs.url", value, allowed: allowed.to_owned() })
    };
    if !good {
        return wrong(
            "allowed is nothing (blobs in the data directory), an absolute path of a directory that all servers mount, or \
             s3://bucket/prefix (who may use it stands in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, not in the address)",
        );
    }
    if bucket.is_some() && !cfg!(feature = "s3") {
        return wrong("this program was built without the cargo feature s3");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_lie_in_a_directory_or_in_a_bucket() {
        for good in ["", "/srv/blobs", "/"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for good in ["s3://bucket", "s3://my-bucket.eu/some/prefix"] {
            assert_eq!(check(good).is_ok(), cfg!(feature = "s3"), "{good}");
        }
        for bad in ["blobs", "./blobs", "s3://", "s3:///prefix", "s3://user:secret@bucket", "gs://bucket", "http://x"] {
            let message = check(bad).unwrap_err().to_string();
            assert!(message.contains("blobs.url") && message.contains("s3://bucket/prefix"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
