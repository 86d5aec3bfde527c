/** `npm run bench -- install-peers`: installs the peers into `.cache/peers`. */
import { installPeers } from './packages.ts';

try {
  installPeers();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
