// node --test edge/viewer-request.test.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const source = readFileSync(new URL('viewer-request.js', import.meta.url), 'utf8');

const P = '01arz3ndektsv4rrffq69g5fav';
const D = '01bx5zzkbkactav9wevgemmvrz';
const OTHER = '01bx5zzkbkactav9wevgemmvs0';

const SITES = {
  blog: JSON.stringify({ p: P, d: D }),
  'my-app': JSON.stringify({ p: P, d: D }),
  a: JSON.stringify({ p: P, d: D }),
  moved: JSON.stringify({ p: P, d: D, b: OTHER }),
  odd: JSON.stringify({ p: P, d: D, b: '../x' }),
  empty: JSON.stringify({ p: P, d: '' }),
  broken: '{',
  foreign: JSON.stringify({ p: '../x', d: D }),
  number: JSON.stringify({ p: P, d: 7 }),
  none: 'null',
};

// The runtime resolves `import cf from 'cloudfront'`; here the import becomes an argument, and the rest runs unchanged.
function load(store) {
  const body = source.replace(/^import cf from 'cloudfront';$/m, '');
  assert.notEqual(body, source);
  return new Function('cf', `${body}\nreturn handler;`)({ kvs: () => store });
}

const asked = [];
const handler = load({
  async get(key) {
    asked.push(key);
    if (!Object.hasOwn(SITES, key)) throw new Error('KeyNotFound');
    return SITES[key];
  },
});

const visit = (host, uri = '/') =>
  handler({ request: { method: 'GET', uri, headers: host === undefined ? {} : { host: { value: host } }, querystring: {} } });

test('a slug is its live deployment', async () => {
  const request = await visit('blog.sites.example', '/a/b.html');
  assert.equal(request.uri, `/${P}/${D}/live/a/b.html`);
  assert.equal((await visit('blog.sites.example')).uri, `/${P}/${D}/live/`);
  assert.equal((await visit('my-app.sites.example')).uri, `/${P}/${D}/live/`);
  assert.equal((await visit('a.sites.example')).uri, `/${P}/${D}/live/`);
});

test('the rest of the request is passed on', async () => {
  const querystring = { q: { value: '1' } };
  const request = { method: 'HEAD', uri: '/', headers: { host: { value: 'blog.sites.example' } }, querystring };
  const passed = await handler({ request });
  assert.equal(passed.method, 'HEAD');
  assert.equal(passed.querystring, querystring);
});

test('a host is read without its case and its port', async () => {
  assert.equal((await visit('BLOG.Sites.Example:8443', '/')).uri, `/${P}/${D}/live/`);
});

test('a deployment and a slug are that deployment, whatever is live', async () => {
  assert.equal((await visit(`${OTHER}--blog.sites.example`, '/x')).uri, `/${P}/${OTHER}/preview/x`);
  assert.equal((await visit(`${OTHER}--my-app.sites.example`, '/x')).uri, `/${P}/${OTHER}/preview/x`);
  assert.equal((await visit(`${D}--empty.sites.example`, '/x')).uri, `/${P}/${D}/preview/x`);
});

test('the deployment that was live before is named to the origin, but not for a preview', async () => {
  assert.equal((await visit('moved.sites.example', '/x.js')).uri, `/${P}/${D}.${OTHER}/live/x.js`);
  assert.equal((await visit(`${D}--moved.sites.example`, '/x.js')).uri, `/${P}/${D}/preview/x.js`);
  refused(await visit('odd.sites.example'), /No site has this address/);
});

test('one key is read for a request', async () => {
  asked.length = 0;
  await visit(`${OTHER}--blog.sites.example`);
  assert.deepEqual(asked, ['blog']);
});

function refused(response, text) {
  assert.equal(response.statusCode, 404);
  assert.equal(response.headers['cache-control'].value, 'no-store');
  assert.match(response.body, text);
}

test('an unknown slug is 404', async () => {
  refused(await visit('nobody.sites.example'), /No site has this address/);
  refused(await visit(`${D}--nobody.sites.example`), /No site has this address/);
});

test('a site without a deployment says so', async () => {
  refused(await visit('empty.sites.example'), /Nothing has been deployed/);
});

test('a malformed host is 404 and reads no key', async () => {
  asked.length = 0;
  const long = 'a'.repeat(36);
  const hosts = [undefined, '', '.', 'localhost', '.sites.example', '-a.sites.example', 'a-.sites.example', `${long}.sites.example`];
  hosts.push('x--blog.sites.example', `${D}--.sites.example`, `--blog.sites.example`, `${D}--${D}--blog.sites.example`);
  hosts.push(`${'u' + D.slice(1)}--blog.sites.example`, `${'8' + D.slice(1)}--blog.sites.example`);
  hosts.push('bl_og.sites.example', 'blog/../x.sites.example', 'bl%6fg.sites.example', 'blög.sites.example', '__proto__.sites.example');
  for (const host of hosts) refused(await visit(host), /No site has this address/);
  assert.deepEqual(asked, []);
});

test('an entry that is not one of ours never becomes part of a path', async () => {
  for (const slug of ['broken', 'foreign', 'number', 'none']) refused(await visit(`${slug}.sites.example`), /No site/);
});

test('a store that fails is a 404 page and not an exception', async () => {
  const failing = load({ get: () => Promise.reject(new Error('throttled')) });
  refused(await failing({ request: { uri: '/', headers: { host: { value: 'blog.sites.example' } } } }), /No site/);
});

test('no path leaves its prefix', async () => {
  const paths = ['/..', '/../x', '/a/../../x', '/./x', '/a/.', '/%2e%2e/x', '/.%2E/x', '/a/%2E', '/..%2fx', '/a%2f..%2f..%2fx'];
  paths.push('/..\\x', '/a\\..\\x', '/%5c..%5cx', 'x', '', '..', '*', 'https://evil.example/');
  for (const path of paths) refused(await visit('blog.sites.example', path), /not the address of a page/);
});

test('dots that are part of a name are passed on', async () => {
  for (const path of ['/.well-known/x', '/..html', '/a..b', '/...', '/a.', '/a/..b/', '/x.js', '//evil.example', '/%2fx']) {
    assert.equal((await visit('blog.sites.example', path)).uri, `/${P}/${D}/live${path}`);
  }
});

test('the function is small enough for the runtime', () => {
  assert.ok(Buffer.byteLength(source) <= 10_240, `${Buffer.byteLength(source)} bytes`);
});
