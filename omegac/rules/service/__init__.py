"""Rules for what a spec compiles to: a file with a function `check` from the compilation to diagnostics."""
