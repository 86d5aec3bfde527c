/** Files through the pool of engine processes. */
import { randomBytes } from 'node:crypto';
import type { EnginePool } from '../engine/engine-pool.ts';
import type { TranscribedUnit } from '../engine/transcription-job.ts';
import type { ItemOptions } from './batch-item.ts';
import type { BatchTranscript } from './output-file.ts';
import type { FileTranscriber } from './run-files.ts';

/** To a millisecond, and a thousandth: more digits differ between adapters, and would make two outputs of one file differ. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

const chunkOf = ({ text, start, end, probability }: TranscribedUnit): BatchTranscript['chunks'][number] => ({
  text,
  timestamp: [rounded(start), rounded(end)],
  ...(probability !== undefined && { confidence: rounded(probability) }),
});

export function engineTranscriber(pool: Pick<EnginePool, 'transcribe'>, modelId: string): FileTranscriber {
  return {
    async transcribe(file: string, { timestamps = 'word' }: ItemOptions, signal: AbortSignal) {
      const isWords = timestamps === 'word';
      const clip = await pool.transcribe({
        id: `batch-${randomBytes(8).toString('hex')}`,
        modelId,
        file,
        signal,
        // An archive may wait as long as it takes, also for room on the disk, where others would be refused.
        priority: 'low',
        deadlineMilliseconds: 0,
        options: isWords ? { words: true } : { characters: true },
      });
      const units = (isWords ? clip.words : clip.characters) ?? [];
      return {
        text: clip.text,
        duration: rounded(clip.durationSeconds),
        chunks: units.map(chunkOf),
        ...(clip.warnings.length > 0 && { warnings: clip.warnings }),
      };
    },
  };
}
