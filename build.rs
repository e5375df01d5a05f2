//! Builds `src/heap.c` where the C library is glibc, and links it into the program.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=src/heap.c");
    let target = |name: &str| std::env::var(name).unwrap_or_default();
    if target("CARGO_CFG_TARGET_OS") == "linux" && target("CARGO_CFG_TARGET_ENV") == "gnu" {
        // No function of it is called: without `link_lib_modifier` the linker would leave it out.
        cc::Build::new().file("src/heap.c").link_lib_modifier("+whole-archive").compile("viseme_heap");
    }
}
