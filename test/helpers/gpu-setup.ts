/** Runs before every GPU test file: gives a machine without a GPU a software adapter, and what is measured a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { ensureVulkan } from '../../scripts/software-vulkan.mjs';

ensureVulkan();

const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-cache-'));
process.env.UNISPEECH_CACHE = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
