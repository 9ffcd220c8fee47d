//! Claims tasks, runs kernels, publishes results; keeps the cache of server keys.
