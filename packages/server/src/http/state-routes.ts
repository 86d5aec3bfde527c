/** How the server is: for probes, Prometheus, and people who open its address. */
import { ApiError } from './api-error.ts';
import type { Front } from './front.ts';

/** 200 while this process answers. */
export const health = ({ version }: Front): Response =>
  Response.json({ status: 'ok', version, uptime: Math.round(process.uptime()) });

/** 200 if a transcription would be served now. @throws ApiError */
export function ready({ pool, draining }: Front): Response {
  if (draining.isDraining)
    throw new ApiError('draining', 'The server is being stopped.', { retryAfterSeconds: 1 });
  const reason = pool.notReady;
  if (reason !== undefined) {
    const isStarting = pool.stats().devices.some(({ state }) => state === 'starting');
    throw new ApiError(isStarting ? 'model_loading' : 'no_device', reason);
  }
  return Response.json({ status: 'ready' });
}

export const metricsPage = async ({ metrics }: Front): Promise<Response> =>
  new Response(await metrics.registry.metrics(), {
    headers: { 'content-type': metrics.registry.contentType },
  });

const PAGE_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** A file of the page, which loads nothing from elsewhere. @throws ApiError `not_found` where the server was built without a page. */
export function pageFile({ pageFiles }: Front, name: string): Response {
  const text = pageFiles.get(name);
  if (text === undefined) throw new ApiError('not_found', 'This server has no page.');
  return new Response(text, {
    headers: {
      'content-type': PAGE_TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain',
      'cache-control': 'no-cache',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    },
  });
}
