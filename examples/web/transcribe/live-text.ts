/** Text while somebody speaks: what is settled, and behind it what may still change. */
import type { TranscriptUpdate } from 'unispeech-webgpu/microphone';
import { byId } from '../shared/dom.ts';

/** Shows the updates as they come, until they end or fail. */
export async function showLiveText(updates: AsyncIterable<TranscriptUpdate>): Promise<void> {
  const place = byId('live', HTMLElement);
  const committedText = byId('live-committed', HTMLElement);
  const tentativeText = byId('live-tentative', HTMLElement);
  committedText.textContent = '';
  tentativeText.textContent = '…';
  place.hidden = false;
  try {
    for await (const { committed, tentative } of updates) {
      committedText.textContent = committed;
      tentativeText.textContent = ` ${tentative || '…'}`;
    }
  } finally {
    place.hidden = true;
  }
}
