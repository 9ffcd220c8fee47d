use std::{collections::BTreeSet, time::Duration};

use tempfile::TempDir;

use super::*;

struct Place {
    dir: TempDir,
    blobs: BlobStore,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let blobs = BlobStore::local(&dir.path().join("blobs")).unwrap();
        Self { dir, blobs }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("blobs").join(name)
    }

    /// Names of all files, staging files too.
    async fn files(&self) -> BTreeSet<String> {
        self.blobs.list().await.unwrap().into_iter().map(|listed| listed.name).collect()
    }

    /// Waits until exactly these files are there.
    async fn settles_to(&self, names: &[&str]) {
        let wanted: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let wait = async {
            while self.files().await != wanted {
                tokio::task::yield_now().await;
            }
        };
        let settled = tokio::time::timeout(Duration::from_secs(10), wait).await;
        assert!(settled.is_ok(), "there is {:?}, not {wanted:?}", self.files().await);
    }
}

fn bytes(len: usize) -> Bytes {
    (0..len).map(|at| (at * 31 % 251) as u8).collect::<Vec<_>>().into()
}

#[tokio::test]
async fn a_streamed_upload_is_the_same_blob_however_it_is_cut() {
    let place = Place::new();
    let whole = bytes((2 << 20) + 12_345);
    for cut in [1 << 10, 64 << 10, 1 << 20, (1 << 20) + 1, whole.len()] {
        let mut writer = place.blobs.writer();
        for chunk in whole.chunks(cut) {
            writer.write(Bytes::copy_from_slice(chunk)).await.unwrap();
        }
        assert_eq!(writer.len(), whole.len() as u64);
        let incoming = writer.finish().await.unwrap();
        assert_eq!(incoming.digest(), Digest::of(&whole), "cut into {cut}");
        assert_eq!(incoming.read().await.unwrap(), whole);
        let blob = place.blobs.publish(incoming, "inputs/a").await.unwrap();
        assert_eq!(blob, BlobRef { name: "inputs/a".to_owned(), len: whole.len() as u64, digest: Digest::of(&whole) });
        assert_eq!(place.blobs.get(&blob).await.unwrap(), whole);
    }
    place.settles_to(&["inputs/a"]).await;
}

#[tokio::test]
async fn an_empty_upload_is_a_blob_too() {
    let place = Place::new();
    let incoming = place.blobs.writer().finish().await.unwrap();
    assert!(incoming.is_empty());
    let blob = place.blobs.publish(incoming, "inputs/none").await.unwrap();
    assert_eq!(place.blobs.get(&blob).await.unwrap(), Bytes::new());
}

/// What happens to a file behind the store's back.
type Change = fn(&mut Vec<u8>);

#[tokio::test]
async fn every_flipped_bit_and_every_other_length_is_noticed() {
    let place = Place::new();
    let whole = bytes(100_000);
    let blob = place.blobs.put("results/a", whole.clone()).await.unwrap();
    let damage = |change: Change| {
        let mut damaged = whole.to_vec();
        change(&mut damaged);
        std::fs::write(place.path("results/a"), damaged).unwrap();
    };
    let changes: [Change; 5] =
        [|all| all[0] ^= 1, |all| all[99_999] ^= 0x80, |all| all.truncate(99_999), |all| all.push(0), Vec::clear];
    for change in changes {
        damage(change);
        let read = place.blobs.get(&blob).await;
        assert!(matches!(&read, Err(BlobError::Corrupt(name)) if name == "results/a"), "{read:?}");
    }
    damage(|_| {});
    assert_eq!(place.blobs.get(&blob).await.unwrap(), whole);
}

#[tokio::test]
async fn a_missing_blob_is_named_and_its_deletion_is_no_error() {
    let place = Place::new();
    let blob = place.blobs.put("keys/a", bytes(10)).await.unwrap();
    assert!(place.blobs.exists("keys/a").await.unwrap());
    for _ in 0..2 {
        place.blobs.delete("keys/a").await.unwrap();
    }
    assert!(!place.blobs.exists("keys/a").await.unwrap());
    let read = place.blobs.get(&blob).await;
    assert!(matches!(&read, Err(BlobError::Missing(name)) if name == "keys/a"), "{read:?}");
}

#[tokio::test]
async fn a_dropped_upload_leaves_nothing_behind() {
    let place = Place::new();
    let mut unfinished = place.blobs.writer();
    unfinished.write(bytes(3 << 20)).await.unwrap();
    let mut small = place.blobs.writer();
    small.write(bytes(10)).await.unwrap();
    let mut writer = place.blobs.writer();
    writer.write(bytes(2 << 20)).await.unwrap();
    let whole = writer.finish().await.unwrap();
    assert_eq!(place.files().await.len(), 2, "the small one is not stored yet");
    drop((unfinished, small));
    // Also from a thread that is none of the runtime's.
    std::thread::spawn(move || drop(whole)).join().unwrap();
    place.settles_to(&[]).await;
}

#[tokio::test]
async fn a_short_upload_is_stored_once_it_has_a_name() {
    let place = Place::new();
    for (len, stored) in [(PART_BYTES - 1, 0), (PART_BYTES, 1)] {
        let mut writer = place.blobs.writer();
        writer.write(bytes(len)).await.unwrap();
        let incoming = writer.finish().await.unwrap();
        assert_eq!(place.files().await.len(), stored, "{len} bytes");
        assert_eq!(incoming.read().await.unwrap(), bytes(len));
        let blob = place.blobs.publish(incoming, "inputs/a").await.unwrap();
        place.settles_to(&["inputs/a"]).await;
        assert_eq!(place.blobs.get(&blob).await.unwrap(), bytes(len));
        place.blobs.delete("inputs/a").await.unwrap();
    }
}

#[tokio::test]
async fn a_publication_that_fails_leaves_nothing_behind() {
    let place = Place::new();
    // A directory in the way of the name.
    std::fs::create_dir_all(place.path("inputs/taken/below")).unwrap();
    for len in [10, 2 << 20] {
        let mut writer = place.blobs.writer();
        writer.write(bytes(len)).await.unwrap();
        let incoming = writer.finish().await.unwrap();
        let published = place.blobs.publish(incoming, "inputs/taken").await;
        assert!(matches!(published, Err(BlobError::Io(_))), "{len} bytes");
        place.settles_to(&[]).await;
    }
}

#[tokio::test]
async fn what_a_crash_leaves_is_listed_and_can_be_removed() {
    let place = Place::new();
    let kept = place.blobs.put("inputs/kept", bytes(10)).await.unwrap();
    std::fs::create_dir_all(place.path("incoming")).unwrap();
    std::fs::create_dir_all(place.path("results/task")).unwrap();
    for name in ["incoming/936da01f", "incoming/4d9d#1", "results/task/token#12"] {
        std::fs::write(place.path(name), b"half").unwrap();
    }
    place.settles_to(&["incoming/936da01f", "incoming/4d9d#1", "inputs/kept", "results/task/token#12"]).await;
    for listed in place.blobs.list().await.unwrap() {
        assert!(listed.modified > Timestamp::from_millis(1_600_000_000_000));
        if listed.name != kept.name {
            place.blobs.delete(&listed.name).await.unwrap();
        }
    }
    assert_eq!(place.files().await, BTreeSet::from(["inputs/kept".to_owned()]));
}

#[tokio::test]
async fn the_directory_of_a_tasks_results_goes_with_its_last_one() {
    let place = Place::new();
    for name in ["results/a/1", "results/a/2", "results/b/1", "inputs/a"] {
        place.blobs.put(name, bytes(9)).await.unwrap();
    }
    for (name, left) in [("results/a/1", true), ("results/a/2", false), ("results/a/2", false)] {
        place.blobs.delete(name).await.unwrap();
        assert_eq!(place.path("results/a").exists(), left, "{name}");
    }
    place.blobs.put("results/a/3", bytes(9)).await.unwrap();
    place.blobs.delete("inputs/a").await.unwrap();
    assert!(place.path("inputs").exists() && place.path("results/a/3").exists() && place.path("results/b/1").exists());
    // As an earlier version, or a crash, leaves it.
    std::fs::create_dir(place.path("results/c")).unwrap();
    place.blobs.prune().await.unwrap();
    assert!(!place.path("results/c").exists() && place.path("results/b/1").exists());
    std::fs::remove_dir_all(place.path("results")).unwrap();
    place.blobs.prune().await.unwrap();
}

#[tokio::test]
async fn no_name_leads_out_of_the_directory() {
    let place = Place::new();
    let outside = place.dir.path().join("secret#1");
    std::fs::write(&outside, b"mine").unwrap();
    for name in ["../secret#1", "inputs/../../secret#1", "/secret#1"] {
        assert!(place.blobs.delete(name).await.is_err(), "{name}");
    }
    assert!(outside.exists());
    let _ = place.blobs.put("../../escaped", bytes(3)).await;
    assert!(!place.dir.path().parent().unwrap().join("escaped").exists());
    assert!(!place.dir.path().join("escaped").exists());
}

#[tokio::test]
async fn a_write_that_fails_voids_the_upload() {
    let place = Place::new();
    let mut writer = place.blobs.writer();
    // The staging file's directory vanishes: what was sent is kept by the open file, but it can get no name.
    writer.write(bytes(3 << 20)).await.unwrap();
    std::fs::remove_dir_all(place.path("incoming")).unwrap();
    assert!(writer.finish().await.is_err());
    place.settles_to(&[]).await;
}

#[tokio::test]
async fn an_upload_that_cannot_begin_is_void() {
    let place = Place::new();
    let mut writer = place.blobs.writer();
    // A file in the way of the directory.
    std::fs::write(place.path("incoming"), b"").unwrap();
    assert!(writer.write(bytes(PART_BYTES)).await.is_err());
    std::fs::remove_file(place.path("incoming")).unwrap();
    assert!(writer.write(bytes(PART_BYTES)).await.is_err(), "what came before is lost");
    assert!(writer.finish().await.is_err());
    place.settles_to(&[]).await;
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_look_into_the_directory() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    BlobStore::local(dir.path()).unwrap();
    assert_eq!(std::fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777, 0o700);
}
