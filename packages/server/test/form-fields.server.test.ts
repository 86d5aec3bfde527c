/** Fields of forms as OpenAI's clients spell them, and what is asked of them. */
import { expect, test } from 'vitest';
import type { ServedModel } from '../src/engine/engine-pool.ts';
import type { ModelNames } from '../src/http/model-choice.ts';
import { FormFields, ignoredHeader } from '../src/http/form-fields.ts';
import { transcriptionRequest, wantedUnits } from '../src/http/transcription-request.ts';

const words: ServedModel = {
  id: 'tiny',
  location: 'tiny',
  status: 'loaded',
  facts: { samplingRate: 16_000, units: 'words', languages: ['eng', 'de'], dtype: 'fp32', searches: false },
};
const phonemes: ServedModel = {
  id: 'owner/phones',
  location: 'phones',
  status: 'loaded',
  facts: { samplingRate: 16_000, units: 'phonemes', languages: [], dtype: 'fp32', searches: false },
};
const NAMES: ModelNames = { aliases: new Map([['whisper-1', 'tiny']]), modelForAnyName: undefined };

const requestOf = (
  fields: readonly (readonly [string, string])[],
  models: readonly ServedModel[] = [words],
  names = NAMES,
) => transcriptionRequest(new FormFields(fields), models, names);

test('what is left out has the defaults of the contract', () => {
  expect(requestOf([])).toEqual({
    modelId: 'tiny',
    format: 'json',
    granularities: [],
    streams: false,
    withLogprobs: false,
    language: undefined,
    hotwords: [],
    pauseSeconds: undefined,
    ignored: [],
  });
  expect(requestOf([['response_format', 'verbose_json']]).granularities).toEqual(['segment']);
});

test.each([
  [
    'repeated with brackets',
    [
      ['timestamp_granularities[]', 'word'],
      ['timestamp_granularities[]', 'segment'],
    ],
  ],
  [
    'repeated without',
    [
      ['timestamp_granularities', 'word'],
      ['timestamp_granularities', 'segment'],
    ],
  ],
  ['with a comma', [['timestamp_granularities', 'word, segment']]],
  [
    'in both spellings',
    [
      ['timestamp_granularities[]', 'word'],
      ['timestamp_granularities', 'segment'],
    ],
  ],
] as const)('granularities %s are one list', (_, fields) => {
  expect(requestOf([['response_format', 'verbose_json'], ...fields]).granularities).toEqual([
    'word',
    'segment',
  ]);
});

test.each([
  ['true', true],
  ['1', true],
  ['False', false],
  ['0', false],
  ['', false],
])('stream %j is %s', (value, expected) => {
  expect(requestOf([['stream', value]]).streams).toBe(expected);
});

test.each([
  ['response_format', 'xml', 'unsupported_value'],
  ['response_format', 'diarized_json', 'unsupported_value'],
  ['timestamp_granularities[]', 'sentence', 'unsupported_value'],
  ['timestamp_granularities[]', 'phoneme', 'unsupported_value'],
  ['include[]', 'everything', 'unsupported_value'],
  ['stream', 'yes', 'invalid_value'],
  ['language', 'fr', 'unsupported_language'],
  ['language', 'English!', 'invalid_value'],
  ['model', 'gpt-4o', 'model_not_found'],
  ['chunking_strategy', 'manual', 'unsupported_value'],
  ['chunking_strategy', '{"type":"other"}', 'unsupported_value'],
  ['chunking_strategy', '["server_vad"]', 'unsupported_value'],
  ['chunking_strategy', '{"type":"server_vad","threshold":2}', 'invalid_value'],
])('%s=%j is %s, with the name of the field', (name, value, code) => {
  expect(() => requestOf([[name, value]])).toThrow(
    expect.objectContaining({ code, param: name.replace('[]', '') }),
  );
});

test('a field that counts once may not come twice', () => {
  expect(() =>
    requestOf([
      ['model', 'tiny'],
      ['model', 'tiny'],
    ]),
  ).toThrow(expect.objectContaining({ code: 'invalid_value', param: 'model' }));
});

test('only a transcript without times of its own can be streamed', () => {
  for (const format of ['srt', 'vtt', 'textgrid'])
    expect(() =>
      requestOf([
        ['response_format', format],
        ['stream', 'true'],
      ]),
    ).toThrow(expect.objectContaining({ code: 'unsupported_value', param: 'stream' }));
  expect(
    requestOf([
      ['response_format', 'verbose_json'],
      ['stream', 'true'],
    ]).streams,
  ).toBe(true);
});

test('what has no effect is named, by its name without brackets', () => {
  const { ignored } = requestOf([
    ['prompt', 'Hello'],
    ['temperature', '0.2'],
    ['languages[]', 'en'],
    ['known_speaker_names[]', 'Ann'],
    ['made_up[key]', 'x'],
    ['timestamp_granularities[]', 'word'],
    ['chunking_strategy[type]', 'server_vad'],
    ['chunking_strategy[threshold]', '0.5'],
  ]);
  expect(ignored.toSorted()).toEqual([
    'chunking_strategy.threshold',
    'known_speaker_names',
    'languages',
    'made_up',
    'prompt',
    'temperature',
    'timestamp_granularities',
  ]);
  // Logprobs of a format that has no place for them.
  expect(
    requestOf([
      ['include[]', 'logprobs'],
      ['response_format', 'text'],
    ]).ignored,
  ).toEqual(['include']);
  expect(requestOf([['include[]', 'logprobs']]).ignored).toEqual([]);
});

test('names of fields cannot break the header that they are in', () => {
  expect(ignoredHeader(['a\r\nset-cookie: x', 'ö', '\ud800'])).toBe(
    'a%0D%0Aset-cookie%3A%20x, %C3%B6, %EF%BF%BD',
  );
  const many = ignoredHeader(Array.from({ length: 64 }, (_, index) => `${'x'.repeat(200)}${index}`));
  expect(many.length).toBeLessThan(1100);
  expect(many).toMatch(/, \.\.\.$/);
});

test('a detector of speech is the same in brackets and as JSON: its silence ends captions and segments', () => {
  const brackets: readonly [string, string][] = [
    ['chunking_strategy[type]', 'server_vad'],
    ['chunking_strategy[silence_duration_ms]', '200'],
  ];
  const json: readonly [string, string][] = [
    ['chunking_strategy', '{"type":"server_vad","silence_duration_ms":200}'],
  ];
  for (const fields of [brackets, json]) {
    for (const format of ['srt', 'vtt', 'verbose_json'])
      expect(requestOf([['response_format', format], ...fields])).toMatchObject({
        pauseSeconds: 0.2,
        ignored: [],
      });
    // Formats without captions have no use for it.
    expect(requestOf(fields)).toMatchObject({
      pauseSeconds: undefined,
      ignored: ['chunking_strategy.silence_duration_ms'],
    });
  }
  expect(requestOf([['chunking_strategy', 'auto']])).toMatchObject({ pauseSeconds: undefined, ignored: [] });
});

const searching: ServedModel = {
  id: 'lm',
  location: 'lm',
  status: 'loaded',
  facts: { samplingRate: 16_000, units: 'words', languages: [], dtype: 'fp32', searches: true },
};

test('hotwords have an effect on models that search, in every spelling; others name them as ignored', () => {
  const fields: readonly [string, string][] = [
    ['hotwords', 'Anthea, Gray Street'],
    ['keywords[]', 'Zug'],
    ['keywords[]', ''],
  ];
  expect(requestOf(fields, [searching])).toMatchObject({
    hotwords: ['Anthea', 'Gray Street', 'Zug'],
    ignored: [],
  });
  expect(requestOf(fields)).toMatchObject({ hotwords: [], ignored: ['hotwords', 'keywords'] });
  // One that was never loaded, but is told to search.
  const { facts: _, ...unloaded } = { ...searching, decoder: { type: 'beam' } } as const;
  expect(requestOf(fields, [unloaded]).hotwords).toHaveLength(3);
  for (const words of [Array<string>(1001).fill('a').join(','), 'a'.repeat(101)])
    expect(() => requestOf([['hotwords', words]], [searching])).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: 'hotwords' }),
    );
});

test.each([
  ['timestamp_granularities[]', 'char'],
  ['include[]', 'logprobs'],
])('%s=%s of a model that searches is an error before anything is recognised', (name, value) => {
  const fields: readonly [string, string][] = [[name, value]];
  expect(() => requestOf(fields, [searching])).toThrow(
    expect.objectContaining({ code: 'unsupported_value', param: name.replace('[]', '') }),
  );
  expect(() => requestOf(fields)).not.toThrow();
});

test('a model that searches is not asked for tokens of segments, which it has none of', () => {
  const plain = requestOf([['response_format', 'verbose_json']], [searching]);
  expect(wantedUnits(plain, searching.facts)).toEqual({ words: true, characters: false, tokens: false });
});

test('the model: the only one, by alias, by any name, and an error where several are served', () => {
  expect(requestOf([['model', 'whisper-1']]).modelId).toBe('tiny');
  expect(requestOf([['model', 'gpt-4o']], [words], { ...NAMES, modelForAnyName: 'tiny' }).modelId).toBe(
    'tiny',
  );
  expect(() => requestOf([], [words, phonemes])).toThrow(
    expect.objectContaining({ code: 'missing_required_parameter', param: 'model' }),
  );
});

test('a language may be named by either code, and is reported as it came', () => {
  expect(requestOf([['language', 'en']]).language).toBe('en');
  expect(requestOf([['language', 'deu']]).language).toBe('deu');
  // A model that declares none takes every one.
  expect(
    requestOf(
      [
        ['language', 'fr'],
        ['model', 'owner/phones'],
      ],
      [phonemes],
    ).language,
  ).toBe('fr');
});

test('words of a model for phonemes are an error before anything is recognised', () => {
  for (const granularity of ['word', 'char'])
    expect(() => requestOf([['timestamp_granularities[]', granularity]], [phonemes])).toThrow(
      /knows no words\. Use "phoneme"/,
    );
});

test('the engine is asked for what the answer needs, and for no more', () => {
  const plain = requestOf([]);
  expect(wantedUnits(plain)).toEqual({ words: false, characters: false, tokens: false });
  expect(wantedUnits({ ...plain, withLogprobs: true })).toEqual({
    words: false,
    characters: false,
    tokens: true,
  });
  expect(wantedUnits({ ...plain, format: 'srt' }, words.facts)).toEqual({
    words: true,
    characters: false,
    tokens: false,
  });
  expect(wantedUnits({ ...plain, format: 'srt' }, phonemes.facts)).toEqual({
    words: false,
    characters: true,
    tokens: false,
  });
  expect(wantedUnits({ ...plain, format: 'verbose_json', granularities: ['segment'] }, words.facts)).toEqual({
    words: true,
    characters: false,
    tokens: true,
  });
});
