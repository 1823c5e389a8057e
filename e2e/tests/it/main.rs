//! `ratectl` on a real Docker engine and a real Kubernetes. Run by `make e2e`.

mod bed;
