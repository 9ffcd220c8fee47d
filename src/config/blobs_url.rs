//! Where blobs are kept, as a setting: nothing, a directory, or a bucket.

use std::path::Path;

use super::ConfigError;

pub(super) fn check(url: &str) -> Result<(), ConfigError> {
    let bucket = url.strip_prefix("s3://").map(|place| place.split('/').next().unwrap_or_default());
    let good = match bucket {
        Some(bucket) => {
            !bucket.is_empty() && bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        }
        None => url.is_empty() || Path::new(url).is_absolute(),
    };
    if !good {
        return Err(ConfigError::Value {
            name: "blobs.url",
            value: crate::text::sanitise(url, 200),
            allowed:
                "allowed is nothing (blobs in the data directory), an absolute path of a directory that all servers \
                      mount, or s3://bucket/prefix"
                    .to_owned(),
        });
    }
    if bucket.is_some() && !cfg!(feature = "s3") {
        return Err(ConfigError::Value {
            name: "blobs.url",
            value: crate::text::sanitise(url, 200),
            allowed: "this program was built without the cargo feature s3".to_owned(),
        });
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
        }
    }
}
