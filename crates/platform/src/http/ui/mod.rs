//! Pages: start, phone, inspector, dashboard.

mod route;

pub(crate) use route::router;
