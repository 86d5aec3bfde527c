/**
 * Makes `test/audio/ffmpeg-lengths.tsv`: how many samples ffmpeg gives for every clip of the repository, at its own rate.
 *
 *     node test/reference/ffmpeg_lengths.mjs
 *
 * It needs ffmpeg and ffprobe on the PATH. The last two columns are written by hand and kept: by how many seconds this engine's clip is
 * longer on purpose (`refused`: it gives an error), and why. A new clip gets 0.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['examples/audio', 'test/audio/clips'];
const TABLE = path.join(ROOT, 'test/audio/ffmpeg-lengths.tsv');
/** Decoded by ffmpeg in this engine too. */
const BY_FFMPEG = /\.(aac|m4a|webm)$/;
const HEADER = ['file', 'rate', 'frames', 'seconds_more', 'why'];

const run = (program, ...args) => spawnSync(program, args, { cwd: ROOT, maxBuffer: 2 ** 30 });

const kept = new Map();
if (existsSync(TABLE)) {
  const [, ...rows] = readFileSync(TABLE, 'utf8').replace(/\n$/, '').split('\n');
  for (const row of rows) {
    const [file, , , more, why] = row.split('\t');
    kept.set(file, [more, why]);
  }
}

const rows = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(ROOT, folder))
    .filter((name) => !/\.(md|tsv)$/.test(name) && !BY_FFMPEG.test(name))
    .sort()
    .map((name) => {
      const file = `${folder}/${name}`;
      const ask = [
        '-v',
        'error',
        '-select_streams',
        'a:0',
        '-show_entries',
        'stream=sample_rate',
        '-of',
        'csv=p=0',
      ];
      const rate =
        run('ffprobe', ...ask, file)
          .stdout.toString()
          .trim()
          .split(/\s/)[0] ?? '';
      const { stdout } = run('ffmpeg', '-v', 'quiet', '-i', file, '-f', 'f32le', '-ac', '1', '-');
      return [file, rate || '0', String(stdout.length / 4), ...(kept.get(file) ?? ['0', ''])].join('\t');
    }),
);
writeFileSync(TABLE, `${[HEADER.join('\t'), ...rows].join('\n')}\n`);
