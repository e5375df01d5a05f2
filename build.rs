//! Builds `src/heap.c` where the C library is glibc, and links it into the program; puts the manifest into the program for Windows.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

const MANIFEST: &str = "assets/viseme.exe.manifest";

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=src/heap.c");
    println!("cargo::rerun-if-changed={MANIFEST}");
    let target = |name: &str| std::env::var(name).unwrap_or_default();
    if target("CARGO_CFG_TARGET_OS") == "linux" && target("CARGO_CFG_TARGET_ENV") == "gnu" {
        // No function of it is called: without `link_lib_modifier` the linker would leave it out.
        cc::Build::new().file("src/heap.c").link_lib_modifier("+whole-archive").compile("viseme_heap");
    }
    if target("CARGO_CFG_TARGET_OS") == "windows" {
        embed_manifest::embed_manifest_file(MANIFEST)?;
    }
    Ok(())
}
