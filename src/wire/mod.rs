//! Dialects: values in, values out. Pure.
