/**
 * Which convention the last hidden state of a stable encoder follows when the caller does not say. transformers 5.17 began to return it
 * without the last norm. Heads that weigh hidden states, trained before, learned their weights with the norm: in the new convention they
 * give other logits than their model cards.
 */
import type { WarningCallback } from '../../base/files.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import type { GraphOptions } from '../encoder/encoder-graph.ts';
import { weighsHiddenStates, type Head } from '../heads/head.ts';

type Convention = GraphOptions['hiddenStatesConvention'];

/** The first release with the new convention. */
const FIRST_CURRENT = { major: 5, minor: 17 };

/**
 * @param wanted by the caller, who wins.
 * @param warn is told where the files do not say it and the classic convention is assumed.
 */
export function conventionOf(
  wanted: Convention | undefined,
  config: EncoderConfig,
  head: Head<unknown>,
  warn: WarningCallback,
): Convention {
  if (wanted !== undefined) return wanted;
  if (config.tie_last_hidden_states) return 'classic';
  const isStated = config.json.tie_last_hidden_states !== undefined;
  if (isStated || !config.do_stable_layer_norm || !weighsHiddenStates(config, head)) return 'current';
  const { transformers_version: version } = config.json;
  if (isCurrent(version)) return 'current';
  const saved =
    typeof version === 'string' ? `by transformers ${version}` : 'without a version of transformers';
  warn(
    'classic-hidden-states',
    `This head weighs hidden states, and config.json was saved ${saved}, so the last one is taken behind the last norm, as before ` +
      `transformers ${FIRST_CURRENT.major}.${FIRST_CURRENT.minor}. Set hiddenStatesConvention to 'current' or 'classic' to decide it.`,
  );
  return 'classic';
}

/** Development versions of the first release may have either. */
function isCurrent(version: unknown): boolean {
  const [, majorText, minorText, rest = ''] = /^(\d+)\.(\d+)\.(.*)/.exec(String(version)) ?? [];
  if (majorText === undefined) return false;
  const [major, minor] = [Number(majorText), Number(minorText)];
  if (major !== FIRST_CURRENT.major) return major > FIRST_CURRENT.major;
  return minor > FIRST_CURRENT.minor || (minor === FIRST_CURRENT.minor && !rest.startsWith('0.dev'));
}
