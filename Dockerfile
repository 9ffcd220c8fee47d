# `docker build -t cipherdeck .` compiles tfhe (about ten minutes on two cores) once: that layer stays until Cargo.toml,
# Cargo.lock or the toolchain change. Nothing here needs BuildKit.

FROM rust:1.95-bookworm AS builder
WORKDIR /build
# The dependencies alone, under empty crates with the targets that the manifests name without a path.
COPY Cargo.toml Cargo.lock ./
COPY ui/Cargo.toml ui/
RUN mkdir -p src ui/src ui/benches \
    && touch src/lib.rs ui/src/lib.rs ui/benches/draw.rs \
    && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked --bin cipherdeck
COPY config config
COPY ui/src ui/src
COPY src src
# Cargo goes by times: ours must be newer than those of the empty crates.
RUN touch src/lib.rs src/main.rs ui/src/lib.rs \
    && cargo build --release --locked --bin cipherdeck

FROM debian:bookworm-slim
# A fixed uid, so that volumes keep their owner. Both directories hand it to the volumes that are mounted there.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin cipherdeck \
    && install -d -o cipherdeck -g cipherdeck -m 0700 /data /blobs
# For everything that may speak TLS: buckets, and the program's own client, which does not start without.
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY LICENSE /usr/share/doc/cipherdeck/LICENSE
COPY --from=builder /build/target/release/cipherdeck /usr/local/bin/cipherdeck

# CIPHERDECK_CONTAINER lets the environment dev listen on all addresses of the container: only what is published is
# reached from outside.
ENV CIPHERDECK_CONTAINER=1 \
    CIPHERDECK__SERVER__LISTEN=0.0.0.0:8082 \
    CIPHERDECK__SERVER__DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8082
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=10s --start-period=30s --retries=3 CMD ["cipherdeck", "health"]
ENTRYPOINT ["cipherdeck"]
CMD ["serve", "--headless"]

# Last, so that another version or revision changes no layer above.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="cipherdeck" \
      org.opencontainers.image.description="A homomorphic-encryption application server in one binary" \
      org.opencontainers.image.licenses="BSD-3-Clause-Clear" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
