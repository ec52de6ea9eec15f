#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against an install that only works for us: builds and installs the library in a fresh folder,
moves it, and builds programs against it through pkg-config (shared, static) and CMake. The C example of
the README is one of the programs.  usage: test_install.py SOURCE_ROOT LOG CC..."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CMAKE_PROJECT = """
cmake_minimum_required(VERSION 3.18)
project(consumer C)
find_package(evx 0.1 REQUIRED)
add_executable(shared consumer.c)
target_link_libraries(shared PRIVATE evx::evx)
add_executable(static consumer.c)
target_link_libraries(static PRIVATE evx::evx_static)
"""


def run(*command, **options):
    print("+", *command, flush=True)
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        print(done.stdout)
        sys.exit(f"FAILED: {command[0]} returned {done.returncode}")
    return done.stdout


def install(root, work):
    build, first = work / "build", work / "first"
    run("meson", "setup", str(build), str(root), f"--prefix={first}", "--libdir=lib",
        "--buildtype=plain", "-Doptimization=0", "-Dtests=false", "-Dcli=false", "-Dpython=disabled")
    run("ninja", "-C", str(build), "--quiet")
    run("meson", "install", "-C", str(build), "--quiet")
    return first


def find_one(folder, name):
    found = [path for path in folder.rglob(name) if not path.is_dir()]
    if not found:
        sys.exit(f"FAILED: {name} is not installed")
    return found[0]


def pkg_config(prefix, *options):
    pc = find_one(prefix, "libevx.pc")
    env = dict(os.environ, PKG_CONFIG_PATH=str(pc.parent))
    return run("pkg-config", f"--define-variable=prefix={prefix}", *options, "libevx", env=env).split()


def use_pkg_config(cc, prefix, source, log, work):
    lib = find_one(prefix, "libevx.so").parent
    strict = ["-std=c17", "-Wall", "-Wextra", "-Werror"]
    program = str(work / source.stem)
    run(*cc, *strict, str(source), "-o", program, *pkg_config(prefix, "--cflags", "--libs"))
    shared = run(program, log, env=dict(os.environ, LD_LIBRARY_PATH=str(lib)))
    run(*cc, *strict, "-static", str(source), "-o", program,
        *pkg_config(prefix, "--static", "--cflags", "--libs"))
    static = run(program, log)
    if shared != static:
        sys.exit(f"FAILED: shared says {shared}, static says {static}")
    globals_ = run("nm", "-g", "--defined-only", lib / "libevx.a").split("\n")
    foreign = [line for line in globals_ if line.count(" ") == 2
               and not line.split()[-1].startswith("evx_")]
    if foreign:
        sys.exit(f"FAILED: libevx.a has global symbols without the prefix: {foreign[:5]}")
    print(shared, end="")


def use_cmake(cc, prefix, source, log, work):
    if not shutil.which("cmake"):
        print("CMake: skipped, cmake is not installed")
        return
    project = work / "project"
    project.mkdir()
    shutil.copy(source, project / "consumer.c")
    (project / "CMakeLists.txt").write_text(CMAKE_PROJECT, encoding="utf-8")
    run("cmake", "-G", "Ninja", "-S", str(project), "-B", str(project / "build"),
        f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_C_COMPILER={cc[-1]}")
    run("cmake", "--build", str(project / "build"))
    for kind in ("shared", "static"):
        print("CMake", kind, run(str(project / "build" / kind), log), end="")


def readme_example(root, work):
    blocks = re.findall(r"^```c\n(.*?)^```", (root / "README.md").read_text(encoding="utf-8"),
                        re.DOTALL | re.MULTILINE)
    if len(blocks) != 1:
        sys.exit("FAILED: README.md should have one C example")
    path = work / "readme.c"
    path.write_text(blocks[0], encoding="utf-8")
    return path


def main():
    root, log, cc = pathlib.Path(sys.argv[1]), str(pathlib.Path(sys.argv[2]).resolve()), sys.argv[3:]
    for name in ("CFLAGS", "LDFLAGS"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        first = install(root, work)
        prefix = first.rename(work / "moved")
        consumer = root / "tests/abi/consumer.c"
        for name in ("evx.h", "libevx.a", "README.md", "LICENSE"):
            find_one(prefix, name)
        use_pkg_config(cc, prefix, consumer, log, work)
        example = readme_example(root, work)
        run(*cc, "-std=c17", "-Wall", "-Wextra", "-Werror", str(example), "-o", str(work / "readme"),
            *pkg_config(prefix, "--cflags", "--libs"))
        use_cmake(cc, prefix, consumer, log, work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
