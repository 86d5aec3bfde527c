/** The routes, as a `fetch` handler. */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { align } from './alignments.ts';
import { ApiError, toApiError } from './api-error.ts';
import { preflightHeaders } from './access.ts';
import type { Front } from './front.ts';
import { createJob, jobEvents, jobResult, removeJob, showJob } from './jobs.ts';
import { listModels, showModel } from './models.ts';
import openApi from './openapi.json' with { type: 'json' };
import type { RequestRecord } from './request-record.ts';
import { hasRest, restDropped } from './rest-of-body.ts';
import { health, metricsPage, pageFile, ready } from './state-routes.ts';
import { refuseTranslation, transcribe } from './transcriptions.ts';

/** What the server gives with each request. */
export type FrontBindings = HttpBindings & { readonly record: RequestRecord };
type FrontContext = Context<{ Bindings: FrontBindings }>;

interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly handle: (c: FrontContext) => Response | Promise<Response>;
  /** Is answered while the server is being stopped. */
  readonly isProbe?: boolean;
}

const routesOf = (front: Front): readonly Route[] => {
  const id = (c: FrontContext): string => c.req.param('id') ?? '';
  return [
    { method: 'POST', path: '/v1/audio/transcriptions', handle: (c) => transcribe(front, c.env.record) },
    { method: 'POST', path: '/v1/audio/alignments', handle: (c) => align(front, c.env.record) },
    { method: 'POST', path: '/v1/audio/translations', handle: refuseTranslation },
    { method: 'GET', path: '/v1/models', handle: () => listModels(front) },
    // The ids of models have slashes, which clients write as they are or as %2F.
    { method: 'GET', path: '/v1/models/:id{.+}', handle: (c) => showModel(front, id(c)) },
    { method: 'POST', path: '/v1/jobs', handle: (c) => createJob(front, c.env.record) },
    { method: 'GET', path: '/v1/jobs/:id', handle: (c) => showJob(front, id(c)) },
    { method: 'GET', path: '/v1/jobs/:id/result', handle: (c) => jobResult(front, id(c)) },
    { method: 'GET', path: '/v1/jobs/:id/events', handle: (c) => jobEvents(front, c.env.record, id(c)) },
    { method: 'DELETE', path: '/v1/jobs/:id', handle: (c) => removeJob(front, id(c)) },
    { method: 'GET', path: '/health', handle: () => health(front), isProbe: true },
    { method: 'GET', path: '/ready', handle: () => ready(front), isProbe: true },
    ...(front.settings.servesMetrics
      ? [{ method: 'GET', path: '/metrics', handle: () => metricsPage(front), isProbe: true } as const]
      : []),
    { method: 'GET', path: '/openapi.json', handle: () => Response.json(openApi) },
    { method: 'GET', path: '/', handle: () => pageFile(front, 'index.html') },
    { method: 'GET', path: '/page.js', handle: () => pageFile(front, 'page.js') },
    { method: 'GET', path: '/page.css', handle: () => pageFile(front, 'page.css') },
  ];
};

export function makeApp(front: Front): Hono<{ Bindings: FrontBindings }> {
  const app = new Hono<{ Bindings: FrontBindings }>();
  const routes = routesOf(front);
  for (const { method, path, handle, isProbe } of routes) {
    app.on(method, path, async (c) => {
      c.env.record.route = path.replace(/\{.*\}$/, '');
      if (isProbe) return await handle(c);
      front.draining.begin();
      c.env.outgoing.once('close', () => front.draining.end());
      return await handle(c);
    });
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
    app.options(path, (c) => new Response(null, { status: 204, headers: preflight(c) }));
    app.all(path, () => refuseMethod(methods));
  }
  app.notFound((c) => {
    throw new ApiError(
      'not_found',
      `There is no ${c.req.method.slice(0, 10)} ${c.req.path.slice(0, 100)} here. GET /openapi.json lists what there is.`,
    );
  });
  app.onError((error, c) => errorResponse(error, c.env.record));
  return app;
}

const preflight = (c: FrontContext): Record<string, string> =>
  preflightHeaders(c.req.header('access-control-request-headers'));

function refuseMethod(methods: readonly string[]): never {
  const allow = methods.join(', ');
  throw new ApiError('method_not_allowed', `This route takes ${allow}.`, { headers: { allow } });
}

/**
 * An error as an answer, and what of it the log is to have. A client that is still sending its body gets the whole answer at once, and the connection
 * ends when it has stopped.
 */
export function errorResponse(thrown: unknown, record: RequestRecord): Response {
  const error = toApiError(thrown);
  const { incoming, outgoing } = record;
  record.errorCode = error.code;
  if (error.code === 'internal_error') record.cause = error.cause;
  const { status, headers } = error;
  if (incoming.headers.expect !== undefined && !incoming.complete) outgoing.setHeader('connection', 'close');
  if (!hasRest(incoming)) return Response.json(error.body, { status, headers });
  outgoing.setHeader('connection', 'close');
  const bytes = new TextEncoder().encode(JSON.stringify(error.body));
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(bytes);
      await restDropped(incoming);
      controller.close();
    },
  });
  const length = String(bytes.byteLength);
  return new Response(body, {
    status,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': length },
  });
}
