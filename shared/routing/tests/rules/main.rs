//! The rules as a whole, from request to decision.

mod cloudflare_pages;
mod conditional;
mod properties;
mod site;
mod table;
