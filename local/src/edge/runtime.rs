//! One engine with the function loaded into it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, Mac};
use md5::Md5;
use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Function, Module, Persistent, Value};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::Error;
use crate::aws::keyvalue::KeyValueStores;

/// A call that runs longer is stopped. CloudFront stops a function after about one millisecond of its own CPU time; a
/// busy laptop needs more room.
const LONGEST_CALL: Duration = Duration::from_millis(250);
/// Heap of one engine, in bytes. CloudFront gives a function 2 MB; the engine's own objects come on top here.
const LARGEST_HEAP: usize = 16 << 20;
const LARGEST_STACK: usize = 256 << 10;

const PRELUDE: &str = include_str!("prelude.js");
const CLOUDFRONT: &str = "export default globalThis.__modules.cloudfront;";
const CRYPTO: &str = "const m = globalThis.__modules.crypto; export default m; export const createHash = m.createHash;
export const createHmac = m.createHmac;";
const BUFFER: &str = "const m = globalThis.__modules.buffer; export default m; export const Buffer = m.Buffer;";
const QUERYSTRING: &str = "const m = globalThis.__modules.querystring; export default m; export const parse = m.parse;
export const stringify = m.stringify; export const escape = m.escape; export const unescape = m.unescape;";
/// The last thing to run before any call: no code can be made from text, and the platform's own names are gone.
const SEAL: &str = "__seal();";

/// An engine; it belongs to the thread that made it.
pub struct Runtime {
    // Dropped before the engine it points into.
    call: Option<Persistent<Function<'static>>>,
    context: Context,
    deadline: Rc<Cell<Option<Instant>>>,
    _engine: rquickjs::Runtime,
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let call = self.call.take();
        self.context.with(|context| drop(call.map(|call| call.restore(&context))));
    }
}

impl Runtime {
    /// Starts an engine and loads `source`.
    pub fn load(source: &str, store: &KeyValueStores, arn: Option<&str>) -> Result<Self, Error> {
        let failed = |error: rquickjs::Error| Error::Source(error.to_string());
        let engine = rquickjs::Runtime::new().map_err(failed)?;
        engine.set_memory_limit(LARGEST_HEAP);
        engine.set_max_stack_size(LARGEST_STACK);
        let deadline = Rc::new(Cell::new(Some(Instant::now() + LONGEST_CALL)));
        let watched = deadline.clone();
        engine.set_interrupt_handler(Some(Box::new(move || {
            watched.get().is_some_and(|deadline| Instant::now() >= deadline)
        })));
        let context = Context::full(&engine).map_err(failed)?;
        let call = context.with(|context| {
            prepare(&context, store, arn)
                .and_then(|()| load(&context, source))
                .catch(&context)
                .map_err(|caught| Error::Source(describe(&caught)))
        })?;
        deadline.set(None);
        Ok(Self { call: Some(call), context, deadline, _engine: engine })
    }

    /// Calls the handler with an event in JSON.
    pub fn call(&self, event: &str) -> Result<serde_json::Value, Error> {
        self.deadline.set(Some(Instant::now() + LONGEST_CALL));
        let outcome = self.context.with(|context| {
            let outcome = self.invoke(&context, event).catch(&context);
            outcome.map_err(|caught| match caught {
                CaughtError::Error(rquickjs::Error::WouldBlock) => {
                    Error::Limits("its promise is never settled".to_owned())
                }
                caught if self.is_late() => {
                    Error::Limits(format!("stopped after {LONGEST_CALL:?}: {}", describe(&caught)))
                }
                caught => Error::Thrown(describe(&caught)),
            })
        });
        self.deadline.set(None);
        serde_json::from_str(&outcome?).map_err(|_| Error::Answer("it is not an object".to_owned()))
    }

    fn is_late(&self) -> bool {
        self.deadline.get().is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn invoke<'js>(&self, context: &Ctx<'js>, event: &str) -> rquickjs::Result<String> {
        let call = self.call.clone().ok_or(rquickjs::Error::Unknown)?.restore(context)?;
        let answer: rquickjs::Promise = call.call((event,))?;
        answer.finish::<String>()
    }
}

/// Gives the engine what CloudFront's has beyond the language.
fn prepare(context: &Ctx<'_>, store: &KeyValueStores, arn: Option<&str>) -> rquickjs::Result<()> {
    let globals = context.globals();
    globals.set(
        "__log",
        Function::new(context.clone(), |line: String| tracing::info!(target: "edge_function", "{line}"))?,
    )?;
    globals.set("__digest", Function::new(context.clone(), digest)?)?;
    globals.set("__decode", Function::new(context.clone(), decode)?)?;
    globals.set("__encode", Function::new(context.clone(), |bytes: Vec<u8>| BASE64_STANDARD.encode(bytes))?)?;
    globals.set("__arn", arn)?;
    if let Some(arn) = arn {
        let (reader, name) = (store.clone(), arn.to_owned());
        globals.set("__get", Function::new(context.clone(), move |key: String| reader.get(&name, &key))?)?;
        let (reader, name) = (store.clone(), arn.to_owned());
        let summary = move || {
            let summary = reader.summary(&name);
            summary
                .map(|found| (found.items as f64, millis(found.created), millis(found.modified)))
                .map(|(items, created, modified)| vec![items, created, modified])
        };
        globals.set("__summary", Function::new(context.clone(), summary)?)?;
    }
    context.eval::<(), _>(PRELUDE)?;
    for (name, source) in
        [("cloudfront", CLOUDFRONT), ("crypto", CRYPTO), ("buffer", BUFFER), ("querystring", QUERYSTRING)]
    {
        Module::evaluate(context.clone(), name, source)?.finish::<()>()?;
    }
    Ok(())
}

fn load<'js>(context: &Ctx<'js>, source: &str) -> rquickjs::Result<Persistent<Function<'static>>> {
    // A function's source does not export its handler: CloudFront finds it by name.
    let source = format!("{source}\n;export {{ handler as __handler }};");
    let (module, loading) = Module::declare(context.clone(), "function", source)?.eval()?;
    loading.finish::<()>()?;
    let handler: Value = module.get("__handler")?;
    let wrap: Function = context.globals().get("__wrap")?;
    let call: Function = wrap.call((handler,))?;
    context.eval::<(), _>(SEAL)?;
    Ok(Persistent::save(context, call))
}

fn millis(time: time::OffsetDateTime) -> f64 {
    (time.unix_timestamp() * 1000) as f64
}

fn describe(caught: &CaughtError<'_>) -> String {
    match caught {
        CaughtError::Exception(exception) => {
            let message = exception.message().unwrap_or_default();
            let place = exception.stack().unwrap_or_default();
            format!("{message} {}", place.lines().next().unwrap_or_default().trim()).trim().to_owned()
        }
        CaughtError::Value(value) => value
            .as_string()
            .and_then(|text| text.to_string().ok())
            .unwrap_or_else(|| format!("a value of type {} was thrown", value.type_name())),
        CaughtError::Error(error) => error.to_string(),
    }
}

/// Base64 in both alphabets, padded or not, as Node's Buffer takes it; what is neither is left out.
fn decode(text: String) -> Option<Vec<u8>> {
    let plain: String = text
        .chars()
        .filter_map(|character| match character {
            '-' => Some('+'),
            '_' => Some('/'),
            'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/' => Some(character),
            _ => None,
        })
        .collect();
    base64::prelude::BASE64_STANDARD_NO_PAD.decode(plain).ok()
}

/// A hash, or an HMAC when there is a key; `None` for an algorithm CloudFront does not have.
fn digest(algorithm: String, key: Option<Vec<u8>>, data: Vec<u8>) -> Option<Vec<u8>> {
    fn keyed<M: Mac + hmac::digest::KeyInit>(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        let mut mac = <M as Mac>::new_from_slice(key).ok()?;
        mac.update(data);
        Some(mac.finalize().into_bytes().to_vec())
    }
    match (algorithm.as_str(), key) {
        ("md5", None) => Some(Md5::digest(data).to_vec()),
        ("sha1", None) => Some(Sha1::digest(data).to_vec()),
        ("sha256", None) => Some(Sha256::digest(data).to_vec()),
        ("md5", Some(key)) => keyed::<Hmac<Md5>>(&key, &data),
        ("sha1", Some(key)) => keyed::<Hmac<Sha1>>(&key, &data),
        ("sha256", Some(key)) => keyed::<Hmac<Sha256>>(&key, &data),
        _ => None,
    }
}
