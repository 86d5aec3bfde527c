import { describe, expect, test } from 'vitest';
import { formatTable } from '../../src/cli/table.ts';
import { terminalProgress } from '../../src/cli/terminal-progress.ts';
import { parseCommand } from '../../src/cli/usage.ts';
import { UsageError } from '../../src/cli/words.ts';

describe('parseCommand', () => {
  test('phonemes and pronunciations', () => {
    const audio = { model: 'dir', dtype: undefined, maxSeconds: undefined, temperature: undefined };
    expect(parseCommand(['phones', 'a', 'b', '-m', 'dir', '--visemes', '--chunk', '5'])).toEqual({
      ...{ name: 'phones', files: ['a', 'b'], ...audio },
      ...{ format: 'text', visemes: true, chunkSeconds: 5 },
    });
    expect(parseCommand(['pronounce', 'a', 'o l a', '-m', 'dir', '--json', '--features'])).toEqual({
      ...{ name: 'pronounce', files: ['a'], audio: 'a', expected: 'o l a', ...audio },
      ...{ format: 'json', lexiconFile: undefined, features: true },
    });
  });

  test('reads commands', () => {
    expect(parseCommand(['transcribe', 'a.wav', '-', '-m', 'dir', '--chunk', '7.5', '--json'])).toEqual({
      name: 'transcribe',
      files: ['a.wav', '-'],
      model: 'dir',
      dtype: undefined,
      language: undefined,
      timestamps: undefined,
      chunkSeconds: 7.5,
      cut: undefined,
      formats: ['json'],
      outFolder: undefined,
      isRecursive: false,
      karaoke: false,
      confidence: false,
      logprobs: false,
      temperature: undefined,
      isResumed: false,
    });
    expect(parseCommand(['transcribe', 'a', '-m', 'dir', '--dtype', 'q8'])).toMatchObject({ dtype: 'q8' });
    expect(parseCommand(['transcribe', 'a', '-m', 'dir', '--max-duration', '60'])).toMatchObject({
      maxSeconds: 60,
    });
    const transcribe = ['transcribe', 'a', '-m', 'dir'];
    expect(parseCommand([...transcribe, '--chunk', '0', '--cut', 'fixed'])).toMatchObject({
      chunkSeconds: 0,
      cut: 'fixed',
    });
    expect(parseCommand([...transcribe, '--lang', 'fra'])).toMatchObject({ language: 'fra' });
    expect(parseCommand([...transcribe, '--lm', 'lm.arpa', '--alpha', '0.7', '--beta=-1'])).toMatchObject({
      decoder: { type: 'beam', language_model: 'lm.arpa', alpha: 0.7, beta: -1 },
    });
    expect(parseCommand([...transcribe, '--hotwords', 'A B,C', '--beam-width', '20'])).toMatchObject({
      decoder: { type: 'beam', hotwords: ['A B', 'C'], beam_width: 20 },
    });
    expect(
      parseCommand([...transcribe, '--lm', 'lm.binary', '--unigrams', 'w.txt', '--hotword-weight', '4']),
    ).toMatchObject({
      decoder: { type: 'beam', language_model: 'lm.binary', hotword_weight: 4 },
      unigramsFile: 'w.txt',
    });
    expect(parseCommand([...transcribe, '--lm', 'none'])).toMatchObject({ decoder: 'greedy' });
    expect(parseCommand([...transcribe, '--format', 'srt'])).toMatchObject({
      formats: ['srt'],
      karaoke: false,
    });
    expect(parseCommand([...transcribe, '--format', 'vtt', '--karaoke'])).toMatchObject({ karaoke: true });
    expect(
      parseCommand([...transcribe, '--json', '--confidence', '--logprobs', '--temperature', '1.5']),
    ).toMatchObject({ confidence: true, logprobs: true, temperature: 1.5 });
    expect(parseCommand([...transcribe, '--format', 'ctm', '--confidence'])).toMatchObject({
      confidence: true,
    });
    // Lines of CTM name their file.
    expect(parseCommand([...transcribe, 'b', '--format', 'ctm'])).toMatchObject({ formats: ['ctm'] });
    expect(parseCommand([...transcribe, '--format=vtt', '--timestamps', 'word'])).toMatchObject({
      formats: ['vtt'],
      timestamps: 'word',
    });
    for (const args of [[], ['--format', 'text'], ['--format', 'txt']])
      expect(parseCommand([...transcribe, ...args])).toMatchObject({ formats: ['txt'] });
    for (const args of [['--json'], ['--format', 'json'], ['--format', 'json', '--json']])
      expect(parseCommand([...transcribe, ...args])).toMatchObject({ formats: ['json'] });
    expect(
      parseCommand([
        ...[...transcribe, 'b', '--out', 'texts', '--format', 'text,srt,json,txt'],
        ...['--recursive', '--resume'],
      ]),
    ).toMatchObject({
      formats: ['txt', 'srt', 'json'],
      outFolder: 'texts',
      isRecursive: true,
      isResumed: true,
    });
    const audio = { files: ['a', '-'], model: 'dir', dtype: undefined, maxSeconds: undefined };
    expect(parseCommand(['classify', 'a', '-', '-m', 'dir'])).toEqual({
      name: 'classify',
      ...audio,
      topK: undefined,
      functionToApply: undefined,
      json: false,
    });
    expect(
      parseCommand(['classify', 'a', '-m', 'dir', '--top-k', '0', '--function', 'none', '--json']),
    ).toMatchObject({ topK: 0, functionToApply: 'none', json: true });
    const align = {
      name: 'align',
      model: 'dir',
      dtype: undefined,
      audio: 'a.wav',
      text: '-',
      language: undefined,
      format: 'text',
      outFile: undefined,
      boundaries: undefined,
      utterances: undefined,
      star: undefined,
      unknown: undefined,
      lexiconFile: undefined,
      karaoke: false,
      chunkSeconds: undefined,
      maxSeconds: undefined,
    };
    expect(parseCommand(['align', 'a.wav', '-', '-m', 'dir'])).toEqual(align);
    expect(
      parseCommand([
        ...['align', 'a.wav', '-', '-m', 'dir', '--format=vtt', '--karaoke', '--out', 'b.vtt', '--lang=fra'],
        ...['--boundaries=audio', '--utterances=lines', '--star=edges', '--unknown=skip', '--lexicon=c.txt'],
        ...['--chunk=5', '--max-duration=60'],
      ]),
    ).toEqual({
      ...align,
      language: 'fra',
      format: 'vtt',
      outFile: 'b.vtt',
      boundaries: 'audio',
      utterances: 'lines',
      star: 'edges',
      unknown: 'skip',
      lexiconFile: 'c.txt',
      karaoke: true,
      chunkSeconds: 5,
      maxSeconds: 60,
    });
    expect(parseCommand(['align', 'a.wav', 'b', '-m', 'dir', '--json'])).toMatchObject({ format: 'json' });
    const diarize = {
      name: 'diarize',
      files: ['a.wav', 'b.wav'],
      model: 'dir',
      dtype: undefined,
      maxSeconds: undefined,
      threshold: undefined,
      minSeconds: undefined,
      minGapSeconds: undefined,
      format: 'text',
    };
    const twoFiles = ['a.wav', 'b.wav', '-m', 'dir'];
    expect(parseCommand(['diarize', ...twoFiles])).toEqual(diarize);
    expect(
      parseCommand([
        ...['diarize', ...twoFiles, '--threshold=0.4', '--min-duration', '0.2'],
        ...['--min-gap=0.5', '--rttm', '--format', 'rttm'],
      ]),
    ).toEqual({ ...diarize, threshold: 0.4, minSeconds: 0.2, minGapSeconds: 0.5, format: 'rttm' });
    expect(parseCommand(['diarize', ...twoFiles, '--json'])).toEqual({ ...diarize, format: 'json' });
    const verify = {
      name: 'verify',
      files: ['a.wav', 'b.wav'],
      model: 'dir',
      dtype: undefined,
      maxSeconds: undefined,
      threshold: undefined,
      json: false,
    };
    expect(parseCommand(['verify', ...twoFiles])).toEqual(verify);
    expect(parseCommand(['verify', ...twoFiles, '--threshold=-0.5', '--json'])).toEqual({
      ...verify,
      threshold: -0.5,
      json: true,
    });
    expect(parseCommand(['embed', ...twoFiles, '--out', 'c.npy', '--speaker'])).toMatchObject({
      speaker: true,
      pooled: false,
    });
    expect(parseCommand(['embed', 'a', '-m', 'dir', '--out', 'c.npy', '--pooling=none'])).toMatchObject({
      speaker: false,
    });
    expect(parseCommand(['embed', 'a', '-', '-m', 'dir', '--out', 'b.safetensors'])).toEqual({
      name: 'embed',
      ...audio,
      outFile: 'b.safetensors',
      format: 'safetensors',
      pooled: false,
      normalize: false,
    });
    expect(
      parseCommand([
        ...['embed', 'a', 'b', '-m', 'dir', '--out=c.npy', '--pooling=mean', '--normalize'],
        ...['--max-duration', '9', '--dtype', 'q8'],
      ]),
    ).toMatchObject({ format: 'npy', pooled: true, normalize: true, maxSeconds: 9, dtype: 'q8' });
    expect(parseCommand(['quantize', 'a', 'b', '--dtype=q4'])).toEqual({
      name: 'quantize',
      input: 'a',
      output: 'b',
      dtype: 'q4',
    });
    const convert = { name: 'convert', input: 'a', output: 'b' };
    expect(parseCommand(['convert', 'a', 'b'])).toEqual({ ...convert, dtype: undefined });
    expect(parseCommand(['convert', 'a', 'b', '--dtype=fp16'])).toEqual({ ...convert, dtype: 'fp16' });
    expect(parseCommand(['doctor'])).toEqual({ name: 'doctor', model: undefined, json: false });
    expect(parseCommand(['doctor', 'owner/name', '--json'])).toEqual({
      name: 'doctor',
      model: 'owner/name',
      json: true,
    });
    const profile = {
      name: 'profile',
      file: undefined,
      model: 'dir',
      dtype: undefined,
      seconds: 5,
      chunkSeconds: undefined,
      traceFile: undefined,
      json: false,
    };
    expect(parseCommand(['profile', '-m', 'dir'])).toEqual(profile);
    expect(
      parseCommand(['profile', '-m', 'dir', '--seconds', '1.5', '--trace', 'out.json', '--json']),
    ).toEqual({ ...profile, seconds: 1.5, traceFile: 'out.json', json: true });
    expect(parseCommand(['profile', 'a.wav', '-m', 'dir'])).toEqual({ ...profile, file: 'a.wav' });
    expect(parseCommand(['profile', 'a.wav', '-m', 'dir', '--chunk', '20'])).toEqual({
      ...profile,
      file: 'a.wav',
      chunkSeconds: 20,
    });
    expect(parseCommand(['tune', '-m', 'dir'])).toEqual({ name: 'tune', model: 'dir', dtype: undefined });
    expect(parseCommand(['tune', '-m', 'dir', '--dtype', 'q4'])).toMatchObject({ dtype: 'q4' });
    const list = { name: 'cache', deletedId: undefined, isSure: false, json: false };
    expect(parseCommand(['cache'])).toEqual(list);
    expect(parseCommand(['cache', '--json'])).toEqual({ ...list, json: true });
    expect(parseCommand(['cache', 'delete', 'a/b'])).toEqual({ ...list, deletedId: 'a/b' });
    expect(parseCommand(['cache', 'delete', 'a/b', '-y'])).toMatchObject({ isSure: true });
    expect(parseCommand(['transcribe', '-h'])).toEqual({ name: 'help' });
    expect(parseCommand(['-V'])).toEqual({ name: 'version' });
  });

  test.each([
    [[], 'no command given'],
    [['cache', 'list'], 'cache takes nothing or delete ID, found list'],
    [['cache', 'delete'], 'cache delete needs one ID'],
    [['cache', 'delete', 'a/b', 'c/d'], 'cache delete needs one ID'],
    [['cache', 'delete', 'a/b', '--json'], '--json belongs to the list'],
    [['cache', '--yes'], '--yes belongs to cache delete ID'],
    [['listen'], 'unknown command listen'],
    [['trancribe'], 'unknown command trancribe, did you mean transcribe?'],
    [['transcribe', '--modle', 'dir'], "unknown option '--modle', did you mean --model?"],
    [['transcribe', 'a', '--model', ''], 'transcribe needs --model DIR'],
    [['transcribe', '-m', 'dir'], 'transcribe needs at least one FILE'],
    [['transcribe', 'a', '-m', 'dir', '--lm', ''], '--lm needs the file of a language model, or none'],
    [['transcribe', 'a', '-m', 'dir', '--unigrams', 'w.txt'], '--unigrams is for --lm FILE'],
    [
      ['transcribe', 'a', '-m', 'dir', '--alpha', 'x'],
      '--alpha is "x", expected a number from -1000 to 1000',
    ],
    [
      ['transcribe', 'a', '-m', 'dir', '--lm', 'none', '--beta', '1'],
      '--beta is for a search, which --lm none leaves out',
    ],
    [['tune'], 'tune needs --model DIR'],
    [['tune', 'a.wav', '-m', 'dir'], 'tune takes no argument, found a.wav'],
    [['tune', '-m', 'dir', '--json'], 'tune has no option --json'],
    [['transcribe', 'a.wav'], 'transcribe needs --model DIR'],
    [['transcribe', 'a.wav', '--model'], "option '-m, --model <value>' argument missing"],
    [['transcribe', '-', '-', '-m', 'dir'], 'standard input can be read only once'],
    [
      ['transcribe', 'a', '-m', 'dir', '--timestamps', 'line'],
      '--timestamps is "line", expected word or char',
    ],
    [
      ['transcribe', 'a', '-m', 'dir', '--chunk', 'x'],
      '--chunk is "x", expected a number from 0 to 10000000',
    ],
    [['transcribe', 'a', '-m', 'dir', '--chunk=-1'], '--chunk is "-1"'],
    [['transcribe', 'a', '-m', 'dir', '--cut', 'here'], '--cut is "here", expected quiet, fixed'],
    [['profile', 'a', '-m', 'dir', '--chunk', '0'], '--chunk is "0"'],
    [['transcribe', 'a', '-m', 'dir', '--json=yes'], "option '--json' does not take an argument"],
    [['transcribe', 'a', '-m', 'dir', '--format', 'ass'], '--format is "ass", expected text, txt, json'],
    [['transcribe', 'a', '-m', 'dir', '--format', ''], '--format is "", expected text'],
    [
      ['transcribe', 'a', '-m', 'dir', '--json', '--format', 'srt'],
      '--json and --format srt exclude each other',
    ],
    [['transcribe', 'a', '-m', 'dir', '--json', '--format', 'text'], '--json and --format text exclude'],
    [
      ['transcribe', 'a', 'b', '-m', 'dir', '--format', 'srt'],
      '--format srt prints the words of one FILE, found 2: add --out DIR',
    ],
    [
      ['transcribe', 'a', '-m', 'dir', '--format', 'txt,srt'],
      '--format txt,srt makes 2 results of each FILE: add --out DIR',
    ],
    [['transcribe', 'a', '-m', 'dir', '--format', 'txt,'], '--format is "", expected text'],
    [
      ['transcribe', 'a', 'b', '-m', 'dir', '--format', 'textgrid'],
      '--format textgrid prints the words of one FILE',
    ],
    [['transcribe', 'a', '-m', 'dir', '--karaoke'], '--karaoke is for --format vtt'],
    [['transcribe', 'a', '-m', 'dir', '--confidence'], '--confidence is for --format json or ctm'],
    [['transcribe', 'a', '-m', 'dir', '--format', 'ctm', '--logprobs'], '--logprobs is for --format json'],
    [
      ['transcribe', 'a', '-m', 'dir', '--json', '--temperature', '2'],
      '--temperature is for --confidence or --logprobs',
    ],
    [
      ['transcribe', 'a', '-m', 'dir', '--json', '--confidence', '--temperature', '0'],
      '--temperature is "0", expected a number from 0.01 to 1000',
    ],
    [['transcribe', 'a', '-m', 'dir', '--resume'], '--resume skips files that have their results in --out'],
    [['transcribe', 'a', '-m', 'dir', '--out='], '--out needs the name of a folder'],
    [
      ['transcribe', 'a', '-m', 'dir', '--out=b', '--format', 'txt,vtt', '--timestamps', 'char'],
      '--format vtt is made of words',
    ],
    [['embed', 'a', '-m', 'dir', '--recursive'], 'embed has no option --recursive'],
    [
      ['transcribe', 'a', '-m', 'dir', '--format', 'vtt', '--timestamps', 'char'],
      '--format vtt is made of words: leave --timestamps char out',
    ],
    [['phones', '-m', 'dir'], 'phones needs at least one FILE'],
    [['phones', 'a', '-m', 'dir', '--visemes', '--format', 'srt'], '--visemes is for --format text, json or'],
    [['phones', 'a', 'b', '-m', 'dir', '--format', 'vtt'], '--format vtt prints the phonemes of one FILE'],
    [['phones', 'a', '-m', 'dir', '--json', '--format', 'ctm'], '--json and --format ctm exclude each other'],
    [['phones', 'a', '-m', 'dir', '--temperature', 'x'], '--temperature is "x", expected a number from'],
    [['pronounce', 'a', '-m', 'dir'], 'pronounce needs AUDIO and what is expected'],
    [['pronounce', 'a', 'o', 'l', '-m', 'dir'], 'pronounce takes AUDIO and EXPECTED in quotes, found also l'],
    [['pronounce', 'a', 'o', '-m', 'dir', '--features'], '--features is for --format json'],
    [['pronounce', 'a', 'o'], 'pronounce needs --model DIR'],
    [['align', 'a', '-m', 'dir'], 'align needs two files: AUDIO and TEXT'],
    [['align', 'a', 'b', 'c', '-m', 'dir'], 'align takes AUDIO and TEXT, found also c'],
    [['align', '-', '-', '-m', 'dir'], 'standard input can be read only once'],
    [['align', 'a', 'b'], 'align needs --model DIR'],
    [['align', 'a', 'b', '-m', 'dir', '--format', 'rttm'], '--format is "rttm", expected text, json, srt'],
    [
      ['align', 'a', 'b', '-m', 'dir', '--format', 'srt', '--json'],
      '--json and --format srt exclude each other',
    ],
    [['align', 'a', 'b', '-m', 'dir', '--karaoke'], '--karaoke is for --format vtt'],
    [['align', 'a', 'b', '-m', 'dir', '--out='], '--out needs the name of a file'],
    [['align', 'a', 'b', '-m', 'dir', '--star', 'x'], '--star is "x", expected none, edges, utterances'],
    [['align', 'a', 'b', '-m', 'dir', '--cut', 'fixed'], 'align has no option --cut'],
    [['clasify', 'a'], 'unknown command clasify, did you mean classify?'],
    [['classify', 'a', '-m', 'dir', '--topk', '3'], "unknown option '--topk', did you mean --top-k?"],
    [['classify', '-m', 'dir'], 'classify needs at least one FILE'],
    [['classify', 'a'], 'classify needs --model DIR'],
    [['classify', 'a', '-m', 'dir', '--top-k', '1.5'], '--top-k is "1.5", expected a whole number'],
    [['classify', 'a', '-m', 'dir', '--top-k', ''], '--top-k is "", expected a whole number'],
    [
      ['classify', 'a', '-m', 'dir', '--function', 'max'],
      '--function is "max", expected softmax, sigmoid, none',
    ],
    [['classify', 'a', '-m', 'dir', '--out', 'b.npy'], 'classify has no option --out'],
    [['diarize', '-m', 'dir'], 'diarize needs at least one FILE'],
    [['diarize', 'a', '-m', 'dir', '--threshold', '2'], '--threshold is "2", expected a number from 0 to 1'],
    [
      ['diarize', 'a', '-m', 'dir', '--min-gap', 'x'],
      '--min-gap is "x", expected a positive number of seconds',
    ],
    [['diarize', 'a', '-m', 'dir', '--json', '--rttm'], 'the formats json and rttm exclude each other'],
    [['diarize', 'a', '-m', 'dir', '--format', 'srt'], '--format is "srt", expected text, json, rttm'],
    [['diarize', 'a', '-m', 'dir', '--chunk', '5'], 'diarize has no option --chunk'],
    [
      ['diarize', 'x/a.wav', 'y/a.mp3', '-m', 'dir', '--rttm'],
      'RTTM knows a file by its name without the ending, found a twice',
    ],
    [['verify', 'a', '-m', 'dir'], 'verify compares two FILEs, found 1'],
    [['verify', 'a', 'b', 'c', '-m', 'dir'], 'verify compares two FILEs, found 3'],
    [['verify', 'a', 'b'], 'verify needs --model DIR'],
    [['verify', '-', '-', '-m', 'dir'], 'standard input can be read only once'],
    [
      ['verify', 'a', 'b', '-m', 'dir', '--threshold', ''],
      '--threshold is "", expected a number from -1 to 1',
    ],
    [
      ['embed', 'a', '-m', 'dir', '--out', 'b.npy', '--speaker', '--pooling', 'mean'],
      '--speaker gives one row for each file: leave --pooling out',
    ],
    [['embed', 'a', '-m', 'dir'], 'embed needs --out FILE'],
    [['embed', '-', '-', '-m', 'dir', '--out', 'b.npy'], 'standard input can be read only once'],
    [
      ['embed', 'a', '-m', 'dir', '--out', 'b.json'],
      '--out is "b.json", expected a name in .npy or .safetensors',
    ],
    [
      ['embed', 'a', '-m', 'dir', '--out', 'b.npy', '--pooling', 'max'],
      '--pooling is "max", expected none, mean',
    ],
    [
      ['embed', 'a', 'b', '-m', 'dir', '--out', 'c.npy'],
      'a .npy file holds one array, and 2 files have different numbers of frames: add --pooling mean (or --speaker), or write',
    ],
    [
      ['embed', 'http://h/a?1', 'http://h/a?2', '-m', 'dir', '--out', 'c.safetensors'],
      'a .safetensors file holds one array of each name, found http://h/a twice',
    ],
    [['doctor', '--format', 'json'], 'doctor has no option --format'],
    [['transcribe', 'a', '-m', 'dir', '--dtype', 'int8'], '--dtype is "int8", expected fp32, fp16, q8, q4'],
    [['quantize', 'a'], 'quantize needs two folders: IN and OUT'],
    [['quantize', 'a', 'b', 'c'], 'quantize needs two folders: IN and OUT'],
    [['quantize', 'a', 'b'], 'quantize needs --dtype, one of fp16, q8, q4'],
    [['quantize', 'a', 'b', '--dtype', 'fp32'], 'quantize needs --dtype, one of fp16, q8, q4'],
    [['quantize', 'a', 'b', '--json'], 'quantize has no option --json'],
    [['convert', 'a'], 'convert needs two folders: IN and OUT'],
    [
      ['convert', 'a', 'b', '--dtype', 'q8'],
      '--dtype is "q8", expected fp32 or fp16 (unispeech quantize makes others)',
    ],
    [['doctor', 'a', 'b'], 'doctor takes one MODEL, found also b'],
    [['doctor', '-m', 'dir'], 'doctor has no option --model'],
    [['transcribe', 'a', '-m', 'dir', '--trace', 'f'], 'transcribe has no option --trace'],
    [['profile'], 'profile needs --model DIR'],
    [['profile', '-m', 'dir', '--chunk', '5'], '--chunk cuts a FILE, but none is given'],
    [
      ['profile', '-m', 'dir', '--seconds', '-1'],
      '--seconds needs a value, and what follows begins with a dash: write --seconds=VALUE',
    ],
    [
      ['profile', '-m', '--json'],
      '--model needs a value, and what follows begins with a dash: write --model=VALUE',
    ],
    [['profile', '-m', 'dir', '--seconds', '0'], '--seconds is "0", expected a positive number of seconds'],
    [['profile', '-m', 'dir', 'a', '--seconds', '1'], '--seconds is the length of noise'],
    [['profile', '-m', 'dir', 'a', 'b'], 'profile takes one FILE, found also b'],
    [['profile', '-m', 'dir', '--trace='], '--trace needs the name of a file'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseCommand(argv)).toThrow(UsageError);
    expect(() => parseCommand(argv)).toThrow(message);
    expect(() => parseCommand(argv)).not.toThrow('\n');
  });
});

test('tables are aligned, without trailing spaces', () => {
  const rows = [
    ['name', 'n', 'unit'],
    ['a', '100', 's'],
    ['longer', '1', ''],
  ];
  expect(formatTable(rows, [1])).toBe('name      n  unit\na       100  s\nlonger    1');
});

describe('terminalProgress', () => {
  const event = (loaded: number, isWeights = true) => ({
    status: 'progress_total' as const,
    name: 'm',
    progress: loaded,
    loaded: loaded * 1e6,
    total: 100e6,
    files: isWeights ? { 'model.safetensors': { loaded: 0, total: 0 } } : {},
  });

  test('draws a bar on a terminal, no wider than it, and removes it', () => {
    const lines: string[] = [];
    const progress = terminalProgress({ isTTY: true, columns: 64, write: (text) => lines.push(text) });
    progress.callback?.({ status: 'initiate', name: 'm', file: 'f' });
    progress.callback?.(event(100, false));
    progress.callback?.(event(50));
    progress.callback?.(event(100));
    progress.clear();
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain(`${'█'.repeat(14)}${'░'.repeat(14)} 50.0 of 100.0 MB`);
    expect(lines[1]).toContain('compiling');
    for (const line of lines) expect(line.replace('\r\u001b[2K', '').length).toBeLessThan(64);
    expect(lines[2]).toBe('\r\u001b[2K');
    terminalProgress({ isTTY: true, columns: 20, write: (text) => lines.push(text) }).callback?.(event(1));
    expect(lines[3]).toHaveLength('\r\u001b[2K'.length + 19);
  });

  test('writes nothing where there is no terminal', () => {
    const lines: string[] = [];
    const progress = terminalProgress({ write: (text) => lines.push(text) });
    progress.clear();
    expect(progress.callback).toBeUndefined();
    expect(lines).toEqual([]);
  });
});
