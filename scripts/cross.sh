# Builds and checks for other systems, from Debian's packages: its Rust compiler, which can build the standard library from source, MinGW
# for Windows, and zig (PyPI) as the C++ compiler for macOS. To be sourced.
# What is installed beside Debian's packages is in VISEME_CROSS, by default `viseme-cross` in the user's cache. What is built is in the
# repository's own target folder: two clones that shared one took each other's crates for their own, and missed what had changed.

cross_home="${VISEME_CROSS:-${XDG_CACHE_HOME:-$HOME/.cache}/viseme-cross}"
cross_built="$PWD/target/cross"
export CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}"
windows_target=x86_64-pc-windows-gnu
macos_target=aarch64-apple-darwin
zig_version=0.14.1

cross_sudo=""
[ "$(id -u)" = 0 ] || cross_sudo="sudo"

# cross_install_packages PACKAGE...: Debian's packages, where one of them is missing.
cross_install_packages() {
    dpkg -s "$@" >/dev/null 2>&1 && return
    $cross_sudo apt-get update -q
    DEBIAN_FRONTEND=noninteractive $cross_sudo apt-get install -y -q --no-install-recommends "$@"
}

# Installs what checks for both systems need.
cross_install() {
    # nasm as on Linux: the H.264 encoder's fast loops.
    cross_install_packages rustc-web cargo-web rust-web-src rust-web-clippy g++-mingw-w64-x86-64 nasm python3-pip
    [ -x "$cross_home/zig/ziglang/zig" ] ||
        /usr/bin/python3 -m pip install -q --target "$cross_home/zig" "ziglang==$zig_version"
}

# Names what checks for both systems need and what is not there.
cross_missing() {
    [ -x /usr/bin/cargo ] && [ -x /usr/bin/rustc ] || echo "rustc-web and cargo-web"
    [ -x /usr/bin/clippy-driver ] || echo "rust-web-clippy"
    [ -d /usr/lib/rustlib/src/rust/library ] || echo "rust-web-src"
    command -v x86_64-w64-mingw32-g++ >/dev/null || echo "g++-mingw-w64-x86-64"
    [ -x "$cross_home/zig/ziglang/zig" ] || echo "zig $zig_version"
}

# Clang of zig under the names of a C and a C++ compiler, without the options that only Apple's understands.
cross_zig_wrappers() {
    local tool
    mkdir -p "$cross_home/zig-bin"
    for tool in cc c++; do
        cat > "$cross_home/zig-bin/$tool.new" <<WRAPPER
#!/bin/sh
for option do
    shift
    case "\$option" in
        -arch | arm64 | -mmacosx-version-min=* | --target=*) ;;
        *) set -- "\$@" "\$option" ;;
    esac
done
exec "$cross_home/zig/ziglang/zig" $tool -target aarch64-macos "\$@"
WRAPPER
        chmod +x "$cross_home/zig-bin/$tool.new"
        mv "$cross_home/zig-bin/$tool.new" "$cross_home/zig-bin/$tool"
    done
    printf '#!/bin/sh\nexec "%s" ar "$@"\n' "$cross_home/zig/ziglang/zig" > "$cross_home/zig-bin/ar"
    chmod +x "$cross_home/zig-bin/ar"
}

# MinGW's C++ compiler as the linker. Its C++ library is found alone in a folder that is searched first, as a static one: so the program
# needs no library of MinGW beside it.
cross_mingw_linker() {
    mkdir -p "$cross_home/mingw/static"
    ln -sfn "$(/usr/bin/x86_64-w64-mingw32-g++ -print-file-name=libstdc++.a)" "$cross_home/mingw/static/libstdc++.a"
    printf '#!/bin/sh\nexec /usr/bin/x86_64-w64-mingw32-g++ "-L%s" "$@"\n' "$cross_home/mingw/static" \
        > "$cross_home/mingw/x86_64-w64-mingw32-g++"
    chmod +x "$cross_home/mingw/x86_64-w64-mingw32-g++"
}

# cross_cargo TARGET COMMAND OPTION...: Debian's cargo for that target. The standard library is built from source as well, which the
# compiler otherwise keeps for its nightly releases.
cross_cargo() {
    local target="$1" command="$2"
    shift 2
    (
        unset RUSTUP_TOOLCHAIN RUSTC RUSTC_WRAPPER RUSTFLAGS CARGO CARGO_BUILD_TARGET
        export PATH="/usr/bin:/bin:/usr/sbin:/sbin" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$cross_built"
        case "$target" in
            "$windows_target")
                export CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc CXX_x86_64_pc_windows_gnu=x86_64-w64-mingw32-g++
                export AR_x86_64_pc_windows_gnu=x86_64-w64-mingw32-ar
                cross_mingw_linker
                export PATH="$cross_home/mingw:$PATH" CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-g++
                export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="-C link-arg=-static"
                ;;
            "$macos_target")
                cross_zig_wrappers
                export CC_aarch64_apple_darwin="$cross_home/zig-bin/cc" CXX_aarch64_apple_darwin="$cross_home/zig-bin/c++"
                export AR_aarch64_apple_darwin="$cross_home/zig-bin/ar"
                ;;
        esac
        # By its path: cargo looks for its subcommands in its own home too, where rustup keeps another clippy.
        local program=(/usr/bin/cargo "$command")
        [ "$command" != clippy ] || program=(/usr/bin/cargo-clippy clippy)
        export CARGO=/usr/bin/cargo
        "${program[@]}" --locked -Zbuild-std=std,panic_unwind --target "$target" "$@"
    )
}
