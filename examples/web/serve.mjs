/**
 * Serves the built pages on localhost with byte ranges and etags, as any static host does:
 * `node examples/web/serve.mjs [--port 8080] [--dir dist/web]`. Port 0 takes a free one. Prints the URL.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    dir: { type: 'string', default: 'dist/web' },
  },
});
const folder = path.resolve(ROOT, values.dir);

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wav': 'audio/wav',
  '.flac': 'audio/flac',
  '.ogg': 'audio/ogg',
};

/** The file of a URL path and its size, or undefined where there is none inside the folder. */
async function find(urlPath) {
  let file = path.join(folder, decodeURIComponent(urlPath));
  if (urlPath.endsWith('/')) file = path.join(file, 'index.html');
  if (!file.startsWith(folder + path.sep)) return undefined;
  const facts = await stat(file).catch(() => undefined);
  return facts?.isFile() ? { file, size: facts.size, modified: facts.mtimeMs } : undefined;
}

async function answer(request, response) {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const found = await find(pathname);
  if (!found) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found\n');
    return;
  }
  const { file, size, modified } = found;
  const headers = {
    'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-cache',
    ETag: `"${size.toString(16)}-${Math.round(modified).toString(16)}"`,
  };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = first === undefined ? 0 : Number(first);
  const end = Math.min(last ? Number(last) : size - 1, size - 1);
  if (first === undefined && request.headers['if-none-match'] === headers.ETag) {
    response.writeHead(304, headers).end();
    return;
  }
  if (first !== undefined && start >= size) {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  const isPart = first !== undefined;
  response.writeHead(isPart ? 206 : 200, {
    ...headers,
    'Content-Length': end - start + 1,
    ...(isPart && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  });
  if (request.method === 'HEAD' || size === 0) response.end();
  else
    createReadStream(file, { start, end })
      .on('error', () => response.destroy())
      .pipe(response);
}

const server = http.createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(400).end());
});
server.on('error', (error) => {
  console.error(`Cannot serve on port ${values.port}: ${error.message}. Choose another one with --port.`);
  process.exitCode = 1;
});
server.listen(Number(values.port), 'localhost', () => {
  console.log(`Pages on http://localhost:${server.address().port}/ (Ctrl+C ends)`);
});
