//! The Lua scripts, one per transition. Each is sent by its hash; Redis is given the text again where it has forgotten
//! it.

use std::sync::LazyLock;

use redis::Script;

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $($part:literal)+;)*) => {
        $($(#[$doc])* pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!($(include_str!(concat!("lua/", $part, ".lua")), "\n"),+)));)*
    };
}

scripts! {
    ENQUEUE = "lib" "record" "queue" "enqueue";
    CLAIM = "lib" "record" "queue" "claim";
    HEARTBEAT = "lib" "heartbeat";
    FINISH = "lib" "record" "queue" "finish";
    RELEASE = "lib" "record" "queue" "release";
    REAP = "lib" "record" "queue" "reap";
    FETCHED = "lib" "record" "fetched";
    CANCEL = "lib" "record" "queue" "operator" "cancel";
    REQUEUE = "lib" "record" "queue" "operator" "requeue";
    DELETE = "lib" "record" "queue" "operator" "delete";
    PRIORITY = "lib" "record" "queue" "operator" "priority";
    PAUSE = "lib" "pause";
    POSITION = "lib" "position";
    COUNTS = "lib" "counts";
    WALK = "lib" "record" "walk";
    RESOLVE = "lib" "resolve";
    ADD_UID = "lib" "record" "queue" "add_uid";
    ATTACH_KEY = "lib" "record" "queue" "attach_key";
    KEY = "lib" "record" "queue" "key";
    TASKS_OF = "lib" "record" "queue" "tasks_of";
    DELETE_UID = "lib" "record" "queue" "delete_uid";
    SWEEP = "lib" "record" "queue" "sweep";
    REFERENCED = "lib" "record" "referenced";
    RECORD_RUN = "lib" "record_run";
    RUNS = "lib" "runs";
    OPERATE = "lib" "record" "queue" "operator" "operate";
    AUDIT = "lib" "audit";
    AUDITED = "lib" "audited";
    ANNOUNCE = "lib" "announce";
    LEAVE = "lib" "leave";
    NODES = "lib" "nodes";
    DRAIN = "lib" "drain";
    PING = "lib" "ping";
    TASK = "lib" "task";
    PAUSED = "lib" "paused";
    /// The store's own name.
    IDENTITY = "lib" "identity";
}
