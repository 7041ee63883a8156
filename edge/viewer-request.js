// CloudFront Function (runtime cloudfront-js-2.0), viewer request. It turns the host a visitor came to into the
// deployment that answers, so that a deploy or a rollback is one key written and nothing is ever invalidated.
//
//   <slug>.<sites domain>                -> /<project>/<live deployment>[.<the one before>]/live<path>
//   <deployment>--<slug>.<sites domain>  -> /<project>/<deployment>/preview<path>
//
// The key-value store has one key per slug: {"p": "<project>", "d": "<live deployment, or empty>", "b": "<the deployment
// that was live before, if any>"}. The origin takes the assets from the one before that the live one no longer has, so
// that pages which are open keep working. A preview takes only the project from the store; whether that project has such
// a deployment is for the origin to say, which looks under both names.
//
// The path is passed on as it came. It is appended behind three names that come from the store and the host, the origin
// reads those from the front, and it refuses '..' instead of resolving it. For whatever in between might resolve it, a
// path with a dot segment, however spelled, is already refused here.
import cf from 'cloudfront';

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,33}[a-z0-9])?$/;
const ID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const DOT_SEGMENT = /(?:^|[\/\\]|%2f|%5c)(?:\.|%2e){1,2}(?=$|[\/\\]|%2f|%5c)/i;

async function handler(event) {
  const request = event.request;
  const name = parse(request.headers.host ? request.headers.host.value : '');
  if (!name) return page(404, 'Not found', 'No site has this address.');
  if (!request.uri.startsWith('/') || DOT_SEGMENT.test(request.uri)) {
    return page(404, 'Not found', 'This address is not the address of a page.');
  }

  const site = await lookup(name.slug);
  if (!site) return page(404, 'Not found', 'No site has this address.');
  if (!name.deployment && !site.d) return page(404, 'Nothing here yet', 'Nothing has been deployed to this site yet.');

  const target = name.deployment ? name.deployment + '/preview' : site.d + (site.b ? '.' + site.b : '') + '/live';
  request.uri = '/' + site.p + '/' + target + request.uri;
  return request;
}

// The first label of the host says which site and, before the last '--', which deployment. A slug holds no '--'.
function parse(host) {
  const labels = host.toLowerCase().split(':')[0].split('.');
  if (labels.length < 2) return null;
  const parts = labels[0].split('--');
  const slug = parts.pop();
  if (!SLUG.test(slug) || parts.length > 1) return null;
  if (parts.length === 0) return { slug: slug, deployment: '' };
  return ID.test(parts[0]) ? { slug: slug, deployment: parts[0] } : null;
}

// The entry of a slug, or null. A missing key and a store that fails are told apart by nothing but a message, so both are
// "no such site"; an entry that is not one of ours is treated the same rather than made part of a path.
async function lookup(slug) {
  try {
    const site = JSON.parse(await cf.kvs().get(slug));
    return ID.test(site.p) && (site.d === '' || ID.test(site.d)) && (!site.b || ID.test(site.b)) ? site : null;
  } catch (_) {
    return null;
  }
}

function page(status, title, text) {
  return {
    statusCode: status,
    statusDescription: 'Not Found',
    headers: {
      'content-type': { value: 'text/html; charset=utf-8' },
      'cache-control': { value: 'no-store' },
      'x-content-type-options': { value: 'nosniff' },
      'x-robots-tag': { value: 'noindex' },
    },
    body:
      '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
      '<title>' + title + '</title><body style="font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem">' +
      '<h1>' + title + '</h1><p>' + text + '</p></body></html>',
  };
}
