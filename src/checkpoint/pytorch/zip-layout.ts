/** The layout of files since PyTorch 1.6: a zip file with the pickle as `data.pkl` and each storage as `data/KEY`, all in one folder. */
import { UniSpeechError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/files.ts';
import type { PytorchContainer } from './container.ts';
import { MAX_PICKLE_BYTE_LENGTH, unpickle } from './pickle-machine.ts';
import type { PickledStorage } from './pickled.ts';
import { badFile } from './refusal.ts';
import { readZip } from './zip-directory.ts';

const PICKLE = 'data.pkl';

export async function readZipLayout(
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<PytorchContainer> {
  const { name: file } = source;
  const entries = await readZip(source, signal);
  const [first = ''] = entries.keys();
  const folder = first.slice(0, first.indexOf('/') + 1);
  if (entries.has(`${folder}constants.pkl`)) {
    throw new UniSpeechError(
      'unsupported',
      `${file} is a TorchScript archive, which holds a program.`,
      'Save model.state_dict() with torch.save.',
    );
  }
  const pickle = entries.get(folder + PICKLE);
  const byteLength = pickle?.byteLength ?? 0;
  if (!pickle || byteLength > MAX_PICKLE_BYTE_LENGTH) {
    throw badFile(
      file,
      `expected a ${PICKLE} of at most ${MAX_PICKLE_BYTE_LENGTH} bytes in the zip file, found ${byteLength} bytes.`,
    );
  }
  const where = `${file}: ${PICKLE}`;
  const storages = new Map<string, PickledStorage>();
  const unpickled = unpickle(await pickle.read(0, byteLength, signal), 0, where, storages);
  if (!unpickled) throw badFile(where, `the ${byteLength} bytes end within the pickle.`);
  const order = entries.get(`${folder}byteorder`);
  const orderBytes = await order?.read(0, Math.min(order.byteLength, 8), signal);
  const byteOrder = orderBytes ? new TextDecoder().decode(orderBytes) : 'little';
  if (!/^(little|big)$/.test(byteOrder)) {
    throw badFile(file, 'its byteorder is neither "little" nor "big".');
  }
  return {
    object: unpickled.value,
    storages,
    regionOf: (key) => entries.get(`${folder}data/${key}`),
    isBigEndian: byteOrder === 'big',
  };
}
