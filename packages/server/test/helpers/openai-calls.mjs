/**
 * What OpenAI's client does with the server, run by whichever Node and whichever of its versions the test chooses: `openai-calls.mjs CLIENT URL KEY FILE`.
 * Prints what came of it as JSON. Rows of calls are those that real programs make.
 */
import { createReadStream, readFileSync } from 'node:fs';

const [client = '', baseUrl = '', apiKey = '', file = ''] = process.argv.slice(2);
const { default: OpenAI, toFile } = await import(client);
const openai = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey, maxRetries: 2 });
const model = 'unispeech-tiny-en';

/** The documented way: in chunks, without a length. */
const streamed = () => createReadStream(file);
/** With a length. */
const sized = () => toFile(readFileSync(file), 'audio.flac');
const create = async (options, body = streamed) =>
  await openai.audio.transcriptions.create({ file: await body(), model, ...options });

async function failure(call) {
  try {
    await call();
    return 'no error';
  } catch (error) {
    return {
      name: error.constructor.name,
      status: error.status,
      code: error.code,
      message: error.message,
      requestID: error.requestID,
    };
  }
}

async function eventsOf(options) {
  const events = [];
  for await (const event of await create({ stream: true, ...options })) events.push(event);
  return events;
}

const results = {
  json: await create({}),
  sized: await create({}, sized),
  text: await create({ response_format: 'text' }),
  srt: await create({ response_format: 'srt' }),
  vtt: await create({ response_format: 'vtt' }),
  verbose: await create({ response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'] }),
  default_verbose: await create({ response_format: 'verbose_json' }),
  logprobs: await create({ include: ['logprobs'] }),
  chunking: await create({ chunking_strategy: { type: 'server_vad', threshold: 0.5 } }),
  events: await eventsOf({ include: ['logprobs'] }),
  models: (await openai.models.list()).data,
  model: await openai.models.retrieve('owner/alias'),
  requestId: (await create({}))._request_id,
  withResponse: (
    await openai.audio.transcriptions.create({ file: await sized(), model, prompt: 'x' }).withResponse()
  ).response.headers.get('x-unispeech-ignored'),
  unknownModel: await failure(() => create({ model: 'gpt-4o-transcribe' })),
  badFormat: await failure(() => create({ response_format: 'diarized_json' })),
  badAudio: await failure(async () => create({}, () => toFile(Buffer.from('this is no audio'), 'a.wav'))),
  translation: await failure(async () => openai.audio.translations.create({ file: await sized(), model })),
  wrongKey: await failure(() =>
    new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: 'not-the-key-at-all' }).models.list(),
  ),
};
await new Promise((resolve) => process.stdout.write(JSON.stringify(results), resolve));
