// What CloudFront Functions' runtime 2.0 has beyond the language: modules, Buffer, console, atob and btoa.
(function (globals) {
  'use strict';
  const take = (name) => { const value = globals[name]; delete globals[name]; return value; };
  const log = take('__log'), digest = take('__digest'), decode64 = take('__decode'), encode64 = take('__encode');
  const arn = take('__arn'), get = take('__get'), summary = take('__summary');

  const utf8 = (text) => {
    const bytes = [];
    for (const character of String(text)) {
      let code = character.codePointAt(0);
      if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | code >> 6, 0x80 | code & 63);
      else if (code < 0x10000) bytes.push(0xe0 | code >> 12, 0x80 | code >> 6 & 63, 0x80 | code & 63);
      else bytes.push(0xf0 | code >> 18, 0x80 | code >> 12 & 63, 0x80 | code >> 6 & 63, 0x80 | code & 63);
    }
    return bytes;
  };
  const text = (bytes) => {
    let escaped = '';
    for (const byte of bytes) escaped += '%' + (byte < 16 ? '0' : '') + byte.toString(16);
    try { return decodeURIComponent(escaped); } catch { return latin1(bytes); }
  };
  const latin1 = (bytes) => { let out = ''; for (const byte of bytes) out += String.fromCharCode(byte); return out; };
  const hex = (bytes) => { let out = ''; for (const byte of bytes) out += (byte < 16 ? '0' : '') + byte.toString(16); return out; };
  const url64 = (base64) => base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

  class Buffer extends Uint8Array {
    static from(value, encoding) {
      if (typeof value !== 'string') return super.from(value);
      switch (encoding) {
        case undefined: case 'utf8': case 'utf-8': return super.from(utf8(value));
        case 'hex': return super.from((value.match(/^([0-9a-f]{2})*/i)[0].match(/../g) || []).map((pair) => parseInt(pair, 16)));
        case 'base64': case 'base64url': return super.from(decode64(value) || []);
        case 'latin1': case 'binary': case 'ascii': return super.from(Array.from(value, (character) => character.charCodeAt(0)));
        default: throw new TypeError('Unknown encoding: ' + encoding);
      }
    }
    static alloc(size, fill) { return new Buffer(size).fill(fill || 0); }
    static isBuffer(value) { return value instanceof Buffer; }
    static byteLength(value, encoding) { return typeof value === 'string' ? Buffer.from(value, encoding).length : value.byteLength; }
    static concat(list) { return Buffer.from(list.flatMap((part) => Array.from(part))); }
    static compare(one, other) { return Buffer.from(one).compare(other); }
    compare(other) {
      for (let i = 0; i < Math.min(this.length, other.length); i++) if (this[i] !== other[i]) return this[i] < other[i] ? -1 : 1;
      return Math.sign(this.length - other.length);
    }
    equals(other) { return this.compare(other) === 0; }
    toString(encoding) {
      switch (encoding) {
        case undefined: case 'utf8': case 'utf-8': return text(this);
        case 'hex': return hex(this);
        case 'base64': return encode64(Array.from(this));
        case 'base64url': return url64(encode64(Array.from(this)));
        case 'latin1': case 'binary': case 'ascii': return latin1(this);
        default: throw new TypeError('Unknown encoding: ' + encoding);
      }
    }
  }

  class Hash {
    #algorithm; #key; #data = []; #done = false;
    constructor(algorithm, key) {
      if (!['md5', 'sha1', 'sha256'].includes(algorithm)) throw new TypeError('not supported algorithm: "' + algorithm + '"');
      this.#algorithm = algorithm; this.#key = key === undefined ? undefined : Array.from(Buffer.from(key));
    }
    update(data, encoding) { for (const byte of Buffer.from(data, encoding)) this.#data.push(byte); return this; }
    digest(encoding) {
      if (this.#done) throw new Error('Digest already called');
      this.#done = true;
      const bytes = Buffer.from(digest(this.#algorithm, this.#key, this.#data));
      return encoding === undefined ? bytes : bytes.toString(encoding);
    }
  }

  const kvs = (id) => {
    if (!arn || id !== undefined && !arn.endsWith('/' + id)) throw new Error('The key value store is not associated with the function');
    return Object.freeze({
      async get(key, options) {
        const value = get(String(key));
        if (value === undefined || value === null) throw new Error('KeyNotFound: the key does not exist: ' + key);
        switch ((options || {}).format) {
          case undefined: case 'string': return value;
          case 'json': return JSON.parse(value);
          case 'bytes': return Buffer.from(value);
          default: throw new TypeError('Unknown format: ' + options.format);
        }
      },
      async exists(key) { const value = get(String(key)); return value !== undefined && value !== null; },
      async count() { return summary()[0]; },
      async meta() {
        const [keyCount, created, updated] = summary();
        return { creationDateTime: new Date(created).toISOString(), lastUpdatedDateTime: new Date(updated).toISOString(), keyCount };
      },
    });
  };

  const decodeQuery = (value) => { try { return decodeURIComponent(value.replaceAll('+', ' ')); } catch { return value; } };
  const querystring = {
    escape: encodeURIComponent,
    unescape: decodeQuery,
    parse(query) {
      const parsed = {};
      for (const pair of String(query).split('&')) {
        if (pair === '') continue;
        const at = pair.indexOf('=');
        const name = decodeQuery(at < 0 ? pair : pair.slice(0, at)), value = at < 0 ? '' : decodeQuery(pair.slice(at + 1));
        if (!Object.hasOwn(parsed, name)) parsed[name] = value;
        else if (Array.isArray(parsed[name])) parsed[name].push(value);
        else parsed[name] = [parsed[name], value];
      }
      return parsed;
    },
    stringify: (object) => Object.entries(object)
      .flatMap(([name, values]) => [].concat(values).map((value) => encodeURIComponent(name) + '=' + encodeURIComponent(value)))
      .join('&'),
  };

  const modules = {
    cloudfront: Object.freeze({ kvs }),
    crypto: Object.freeze({
      createHash: (algorithm) => new Hash(algorithm),
      createHmac: (algorithm, key) => new Hash(algorithm, key),
    }),
    buffer: Object.freeze({ Buffer }),
    querystring: Object.freeze(querystring),
  };
  globals.__modules = modules;
  globals.Buffer = Buffer;
  globals.require = (name) => {
    if (name === 'cloudfront' || !Object.hasOwn(modules, name)) throw new Error('Cannot find module "' + name + '"');
    return modules[name];
  };
  globals.atob = (value) => latin1(decode64(String(value)) || []);
  globals.btoa = (value) => encode64(Array.from(String(value), (character) => character.charCodeAt(0)));
  const show = (value) => typeof value === 'string' ? value : value instanceof Error ? String(value) : JSON.stringify(value) ?? String(value);
  const write = (...values) => log(values.map(show).join(' '));
  globals.console = Object.freeze({ log: write, error: write });

  globals.__wrap = (handler) => {
    if (typeof handler !== 'function') throw new TypeError('handler is not a function');
    const parse = JSON.parse, stringify = JSON.stringify;
    return async (event) => stringify(await handler(parse(event))) ?? 'null';
  };
  globals.__seal = () => {
    const refuse = function () { throw new EvalError('code cannot be made from text in an edge function'); };
    for (const example of [function () {}, async function () {}, function* () {}, async function* () {}]) {
      Object.defineProperty(Object.getPrototypeOf(example), 'constructor', { value: refuse, writable: false, configurable: false });
    }
    for (const name of ['eval', 'Function']) Object.defineProperty(globals, name, { value: refuse, writable: false, configurable: false });
    for (const name of ['__modules', '__wrap', '__seal']) delete globals[name];
  };
})(globalThis);
