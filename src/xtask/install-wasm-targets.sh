#!/usr/bin/env bash
# Makes a Rust toolchain that builds for wasm32-wasip1 and wasm32-unknown-unknown out of
# Debian's packages, for machines where rustup cannot reach its server.
#
#   install-wasm-targets.sh DIR
#
# rustc-web, cargo-web, rust-web-src, wasi-libc and an lld of the same LLVM; std is built once
# with -Zbuild-std into the private sysroot DIR, which gets its name when it is complete.
# A second run checks by compiling and linking, and returns in a second or two.
# Needs root or sudo for missing packages, crates.io for std's locked crates, 165 MB in DIR,
# and about 2 minutes of processor time.
set -euo pipefail

TARGETS=(wasm32-wasip1 wasm32-unknown-unknown)
DIR=$1
say() { echo "[wasm targets +${SECONDS}s] $*"; }
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif sudo -n true 2>/dev/null; then sudo -n "$@"
  else say "only root may install Debian's packages, and there is no sudo; as root: $*"; return 1
  fi
}
get() {
  say "apt-get install $*"
  as_root apt-get -o DPkg::Lock::Timeout=600 update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
    install -y -qq --no-install-recommends "$@"
}

# Compiles and links a program that uses std, for both targets.
works() {
  printf 'fn main(){println!("{:?}",std::time::SystemTime::now());}\n' >"$WORK/a.rs"
  local target
  for target in "${TARGETS[@]}"; do
    "$DIR/bin/rustc" --edition 2024 --target "$target" "$WORK/a.rs" -o "$WORK/a.wasm" || return 1
  done
}
# Anything that makes the sysroot another one.
description() {
  /usr/bin/rustc -vV
  sha256sum "$0" | cut -c1-64
  dpkg-query -W -f '${Version}\n' wasi-libc rust-web-src
}

if [ -x "$DIR/bin/rustc" ] && [ "$(cat "$DIR/stamp" 2>/dev/null)" = "$(description 2>/dev/null)" ] && works; then
  say "already there: $DIR"
  exit 0
fi

missing=()
for package in rustc-web cargo-web rust-web-src wasi-libc; do
  dpkg-query -W -f '${Status}' $package 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} = 0 ] || get "${missing[@]}"

RUSTC=/usr/bin/rustc CARGO=/usr/bin/cargo LIBDIR=/usr/lib/rustlib
HOST=$($RUSTC -vV | sed -n 's/^host: //p')
LLVM=$($RUSTC -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
[ -d $LIBDIR/src/rust/library/std ] || { say "no sources of std under $LIBDIR/src/rust"; exit 1; }

# The linker: Debian's lld of rustc's own LLVM, else the rust-lld of any rustup toolchain.
linker() {
  local lld
  for lld in "/usr/lib/llvm-$LLVM/bin/lld" \
    "${RUSTUP_HOME:-$HOME/.rustup}"/toolchains/*/lib/rustlib/"$HOST"/bin/rust-lld; do
    [ -x "$lld" ] && "$lld" -flavor wasm --version >/dev/null 2>&1 && { readlink -f "$lld"; return 0; }
  done
  return 1
}
LLD=$(linker) || { get "lld-$LLVM"; LLD=$(linker); }
say "linker: $LLD"

NEW=$DIR.unfinished
rm -rf "$NEW"
mkdir -p "$NEW/bin" "$NEW/lib/rustlib/$HOST/bin"
# rustc takes the folder of librustc_driver.so for its sysroot, symlinks or not: wrappers name ours.
for tool in rustc rustdoc clippy-driver; do
  [ -x /usr/bin/$tool ] || continue
  cat >"$NEW/bin/$tool" <<WRAPPER
#!/bin/sh
case " \$* " in *" --sysroot"*) exec /usr/bin/$tool "\$@" ;; esac
exec /usr/bin/$tool --sysroot "$DIR" "\$@"
WRAPPER
  chmod +x "$NEW/bin/$tool"
done
for tool in cargo cargo-clippy rustfmt cargo-fmt; do
  [ ! -x /usr/bin/$tool ] || ln -s /usr/bin/$tool "$NEW/bin/$tool"
done
ln -s $LIBDIR/"$HOST"/lib "$NEW/lib/rustlib/$HOST/lib"
ln -s $LIBDIR/src "$NEW/lib/rustlib/src"
[ ! -d $LIBDIR/etc ] || ln -s $LIBDIR/etc "$NEW/lib/rustlib/etc"
# A link, not a copy: the linker finds its libLLVM from where it lies.
ln -s "$LLD" "$NEW/lib/rustlib/$HOST/bin/rust-lld"

mkdir "$WORK/src"
cat >"$WORK/Cargo.toml" <<'MANIFEST'
[package]
name = "seed"
version = "0.0.0"
edition = "2024"
[workspace]
MANIFEST
echo '#![no_std]' >"$WORK/src/lib.rs"
say "building std for ${TARGETS[*]}"
(
  cd "$WORK"
  unset RUSTUP_TOOLCHAIN CARGO_TARGET_DIR CARGO_BUILD_TARGET RUSTC_WRAPPER
  RUSTC_BOOTSTRAP=1 RUSTC=$RUSTC RUSTFLAGS="-Cembed-bitcode=yes" $CARGO build --release \
    -Zbuild-std=std,panic_abort,proc_macro,test $(printf -- '--target %s ' "${TARGETS[@]}")
)
for target in "${TARGETS[@]}"; do
  mkdir -p "$NEW/lib/rustlib/$target/lib"
  find "$WORK/target/$target/release/deps" -name 'lib*.rlib' ! -name 'libseed*' \
    -exec cp {} "$NEW/lib/rustlib/$target/lib/" \;
done
mkdir "$NEW/lib/rustlib/wasm32-wasip1/lib/self-contained"
cp /usr/lib/wasm32-wasi/{crt1-command.o,crt1-reactor.o,libc.a} \
  "$NEW/lib/rustlib/wasm32-wasip1/lib/self-contained/"
rm -rf "$DIR"
mv "$NEW" "$DIR"
works
description >"$DIR/stamp"
say "ok: $DIR ($("$DIR/bin/rustc" -V), $(du -sh "$DIR" | cut -f1))"
