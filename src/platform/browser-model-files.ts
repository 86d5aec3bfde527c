/** The files of models in browsers: over HTTP, kept in the page's storage, or picked by the user. `#model-files` for what needs nothing else of the platform. */
import { badOption } from '../base/option-checks.ts';
import type { Platform } from '../base/platform.ts';
import { warnOnConsole } from '../base/warnings.ts';
import { FileCache } from '../files/file-cache.ts';
import { httpFiles } from '../files/http-files.ts';
import { requestsRefusedBy } from '../files/http-request.ts';
import { huggingFaceUrl } from '../files/location.ts';
import { pickedFiles } from '../files/picked-files.ts';
import { modelUrl } from './browser-location.ts';
import { openCache } from './browser-storage.ts';

export const openModelFiles: Platform['openModelFiles'] = (location, options = {}) => {
  const {
    cache = true,
    cacheDir,
    localFilesOnly,
    token,
    stallTimeoutMs,
    onWarning = warnOnConsole,
  } = options;
  if (cacheDir !== undefined && cacheDir !== null)
    throw badOption('cache_dir', cacheDir, 'left out in a page');
  if (token === true) throw badOption('token', token, 'the token itself in a page');
  const picked = pickedFiles(location);
  if (picked) return picked;
  const url = modelUrl(location, options);
  const id = String(location);
  return httpFiles(url, {
    location: id,
    stallTimeoutMs,
    token: typeof token === 'string' ? token : undefined,
    fetch: localFilesOnly === true ? requestsRefusedBy('local_files_only') : undefined,
    missingFix: huggingFaceUrl(location)
      ? `Check the name at https://huggingface.co/${id}, or write ./${id} for a folder beside this page.`
      : undefined,
    // Files of other schemes, such as those of an extension, are on the disk already.
    cache: cache && url.protocol.startsWith('http') ? new FileCache(openCache, onWarning) : undefined,
  });
};
