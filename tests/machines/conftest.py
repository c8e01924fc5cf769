"""Of this folder, what has an effect when it is imported, or is for WebAssembly, holds no tests."""

collect_ignore = ["startup.py", "wasm.py"]
