/** ffmpeg on a machine that has no file descriptors to spare. */
import { ChildProcess } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { bytesInMemory, RewindableBytes } from '../../src/audio/byte-stream.ts';
import { collectClip } from '../../src/audio/decode-file.ts';
import { streamWithFfmpeg } from '../../src/platform/node-ffmpeg.ts';

vi.mock('node:child_process', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  spawn: () => {
    // As Node does it: a process without pipes, which reports the error later.
    const child = new ChildProcess();
    const error = Object.assign(new Error('spawn ffmpeg EMFILE'), { code: 'EMFILE' });
    process.nextTick(() => child.emit('error', error));
    return child;
  },
}));

test('is not started, and the error says why', async () => {
  const input = new RewindableBytes(bytesInMemory(Uint8Array.of(1)));
  const sound = streamWithFfmpeg({ input }, 'x', { formatName: 'AU' });
  await expect(collectClip(sound)).rejects.toMatchObject({
    code: 'unsupported',
    message:
      'x looks like AU, which takes ffmpeg to decode, and it does not start: spawn ffmpeg EMFILE. ' +
      'Try again with fewer files at once, or convert the file to WAV or FLAC.',
  });
});
